"""Looks into media files: their kind and their facts."""

from __future__ import annotations

from pathlib import Path

from callsheet.errors import NodeError
from callsheet.spec.media import Facts
from callsheet.spec.types import MediaKind


class MediaInspector:
    """Implements `Inspector`; loads the media libraries when it is first used."""

    def identify(self, path: Path) -> MediaKind | None:
        from callsheet.nodes.media.probe import identify

        return identify(path)

    def unreadable(self, path: Path) -> str:
        from callsheet.nodes.media.sniff import UNREADABLE, sniff

        found = sniff(path)
        return found.name if found is not None and found.name in UNREADABLE else ""

    def probe(self, path: Path) -> Facts:
        from callsheet.nodes.media.probe import probe

        return probe(path)


def facts_of(path: Path) -> Facts:
    """The facts of a media file; none when it cannot be read."""
    try:
        return MediaInspector().probe(path)
    except NodeError:
        return Facts()
