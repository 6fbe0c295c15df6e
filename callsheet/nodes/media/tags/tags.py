"""Which container carries a text how; a written file is read back before anybody gets it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from callsheet.nodes.media.sniff import Container, sniff, sniff_in
from callsheet.nodes.media.tags import flac, gif, jpeg, mp3, mp4, png, splice, wav, webp
from callsheet.nodes.media.tags.mp4_boxes import Damaged
from callsheet.nodes.media.tags.splice import LONGEST

SAMPLES: Final = 64
"""How many chunks of a film are compared after writing, at least if it has as many."""

SAMPLE: Final = 32
"""Bytes of a chunk that are compared."""


class Tag(Protocol):
    """How one container carries a text. with_text: the new file in pieces, or None if this one cannot take
    it; the text is UTF-8 of at most LONGEST bytes. texts: what such a file carries, the likeliest first.
    without_text: each file that it may have been before, in pieces; the digest tells which it was."""

    def with_text(self, file: BinaryIO, size: int, text: bytes) -> splice.Pieces | None: ...
    def texts(self, file: BinaryIO, size: int) -> Iterator[bytes]: ...
    def without_text(self, file: BinaryIO, size: int) -> Iterator[splice.Pieces]: ...


TAGS: Final[Mapping[str, Tag]] = {
    "PNG": png,
    "JPEG": jpeg,
    "GIF": gif,
    "WebP": webp,
    "MP4": mp4,
    "MOV": mp4,
    "M4A": mp4,
    "WAV": wav,
    "MP3": mp3,
    "FLAC": flac,
}
"""By the name that `sniff` gives the container."""


def write(source: Path, target: Path, text: str) -> bool:
    """Write `target`, a new file: `source` with `text` inside. False, and no file, if it cannot carry it.

    The pictures and sounds are copied byte for byte. Raises OSError, ValueError for a text that is too long.
    """
    content = text.encode("utf-8")
    if len(content) > LONGEST:
        raise ValueError(f"{len(content)} bytes of text do not fit into a media file")
    found = sniff(source)
    tag = TAGS.get(found.name) if found else None
    if tag is None:
        return False
    try:
        done = _written(tag, source, target, content, found)
    except BaseException:
        target.unlink(missing_ok=True)
        raise
    if not done:
        target.unlink(missing_ok=True)
    return done


def _written(tag: Tag, source: Path, target: Path, content: bytes, kind: Container | None) -> bool:
    """Whether `target` is there, of the same kind, and carries `content` as it should."""
    with source.open("rb", buffering=0) as old:
        pieces = tag.with_text(old, os.fstat(old.fileno()).st_size, content)
        if pieces is None:
            return False
        with target.open("xb", buffering=0) as new:
            splice.write(pieces, old, new)
        with target.open("rb", buffering=0) as new:
            return sniff_in(new) == kind and _is_right(tag, old, new, splice.length(pieces), content)


def before(path: Path, sha256: str) -> splice.Pieces | None:
    """The file from which `write` made `path`, in pieces of `path`; None where it cannot be restored.

    sha256: the digest of that file, in hex. Raises OSError.
    """
    found = sniff(path)
    tag = TAGS.get(found.name) if found else None
    if tag is None:
        return None
    with path.open("rb", buffering=0) as file:
        candidates = tag.without_text(file, os.fstat(file.fileno()).st_size)
        return next((c for c in candidates if splice.digest(c, file) == sha256), None)


def whole(path: Path) -> splice.Pieces:
    """All of a file. Raises OSError."""
    return (splice.Stretch(0, path.stat().st_size),)


def content(pieces: splice.Pieces, path: Path) -> Iterator[bytes]:
    """What `pieces` of `path` hold. Raises OSError."""
    with path.open("rb", buffering=0) as file:
        yield from splice.content(pieces, file)


def texts(path: Path) -> Iterator[str]:
    """Every text that a media file carries where we put ours, none for other files. Raises OSError."""
    found = sniff(path)
    tag = TAGS.get(found.name) if found else None
    if tag is None:
        return
    with path.open("rb") as file:
        for content in tag.texts(file, os.fstat(file.fileno()).st_size):
            if len(content) <= LONGEST:
                yield content.decode("utf-8", "replace")


def _is_right(tag: Tag, old: BinaryIO, new: BinaryIO, size: int, content: bytes) -> bool:
    if os.fstat(new.fileno()).st_size != size or next(tag.texts(new, size), None) != content:
        return False
    return tag is not mp4 or _lead_to_the_same(old, new)


def _lead_to_the_same(old: BinaryIO, new: BinaryIO) -> bool:
    """Whether the offsets in a film and in its copy lead to the same bytes."""
    try:
        moov, before = mp4.index(old, os.fstat(old.fileno()).st_size)
        _, after = mp4.index(new, os.fstat(new.fileno()).st_size)
    except Damaged:
        return False
    if len(before) != len(after):
        return False
    step = max(1, len(before) // SAMPLES)
    for here, there in zip(before[::step], after[::step], strict=True):
        length = min(SAMPLE, moov.at - here) if here < moov.at else SAMPLE
        if here in range(moov.at, moov.end) or _at(old, here, length) != _at(new, there, length):
            return False
    return True


def _at(file: BinaryIO, offset: int, length: int) -> bytes:
    file.seek(offset)
    return file.read(length)
