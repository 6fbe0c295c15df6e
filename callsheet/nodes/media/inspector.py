"""Looks into media files: their kind and their facts.

A file is opened once, and its facts are remembered for as long as its size and time stay: thousands of shots
refer to one picture. A plan needs no more of a picture than its header tells, so it decodes none. What had to
be decoded is kept for later processes, see `kept_facts`.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.kept_facts import KeptFacts
from callsheet.spec.media import Facts
from callsheet.spec.types import MediaKind

MOST: Final = 20_000
"""Files whose facts are remembered at the most, about 5 MB."""


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
        """The facts of a media file that is known to be whole. Raises NodeError (*local*)."""
        return _remembered(_probed, path)


def facts_of(path: Path) -> Facts:
    """The facts of a media file as its header tells them; none when it cannot be read."""
    try:
        return _remembered(_from_header, path)
    except NodeError:
        return Facts()


Reader = Callable[[str, "Version"], Facts]
Version = tuple[int, int, int, int] | None
"""Device, number, size and time of a file; None when there is none. It changes when the file does."""


def _remembered(read: Reader, path: Path) -> Facts:
    return read(str(path.absolute()), _version(path))


@lru_cache(MOST)
def _probed(path: str, version: Version) -> Facts:
    from callsheet.nodes.media.probe import probe

    kept = _kept_facts()
    found = kept.find(Path(path))
    if found is None:
        found = probe(Path(path))
        kept.add(Path(path), found)
    return found


@lru_cache(MOST)
def _from_header(path: str, version: Version) -> Facts:
    from callsheet.nodes.media.probe import from_header, is_image

    return from_header(Path(path)) if is_image(Path(path)) else _probed(path, version)


@lru_cache(1)
def _kept_facts() -> KeptFacts:
    return KeptFacts()


def _version(path: Path) -> Version:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
