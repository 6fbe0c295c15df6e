"""Looking into a media file: is it what it claims to be, and what is known of it."""

from __future__ import annotations

from pathlib import Path

from callsheet.errors import NodeError
from callsheet.spec.media import Facts
from callsheet.spec.types import MediaKind


class MediaInspector:
    """Reads the file itself; loads the media libraries when it is first asked."""

    def identify(self, path: Path) -> MediaKind | None:
        from callsheet.nodes.media.probe import identify

        return identify(path)

    def probe(self, path: Path) -> Facts:
        from callsheet.nodes.media.probe import probe

        return probe(path)


def facts_of(path: Path) -> Facts:
    """What is known of a media file of the user's; nothing, when it cannot be read."""
    try:
        return MediaInspector().probe(path)
    except NodeError:
        return Facts()
