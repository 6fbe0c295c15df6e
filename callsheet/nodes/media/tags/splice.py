"""A new file out of stretches of an old one and bytes in between; what is kept is never held in memory."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO, Final

LONGEST: Final = 60_000
"""Bytes of a text in UTF-8: it fits into one JPEG segment."""

MOST_PARTS: Final = 20_000
"""Chunks, segments, boxes or blocks of one file that are looked at."""

SIGNED: Final = b"c2pa"
"""Marks content credentials: a maker's signature over the whole file, which any change would break."""


CHUNK: Final = 1 << 20
AT_ONCE: Final = 1 << 30
BLOCK: Final = 4096
"""A disk that can share content between files does so from one block to another."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """`length` bytes of the old file from `start` on."""

    start: int
    length: int


Pieces = Sequence[bytes | Stretch]
"""The new file, piece by piece."""


def length(pieces: Pieces) -> int:
    """Bytes of the new file."""
    return sum(piece.length if isinstance(piece, Stretch) else len(piece) for piece in pieces)


def content(pieces: Pieces, old: BinaryIO) -> Iterator[bytes]:
    """What `pieces` hold, piece by piece. Raises OSError."""
    for piece in pieces:
        if isinstance(piece, bytes):
            yield piece
            continue
        old.seek(piece.start)
        left = piece.length
        while left > 0 and (chunk := old.read(min(CHUNK, left))):
            left -= len(chunk)
            yield chunk


def digest(pieces: Pieces, old: BinaryIO) -> str:
    """The sha256 of what `pieces` hold, hex. Raises OSError."""
    sha = hashlib.sha256()
    for chunk in content(pieces, old):
        sha.update(chunk)
    return sha.hexdigest()


def write(pieces: Pieces, old: BinaryIO, new: BinaryIO) -> None:
    """Write `pieces` to `new`; both files are unbuffered. Raises OSError, also when `old` is too short."""
    for piece in pieces:
        if isinstance(piece, Stretch):
            _copy(old, new, piece)
        else:
            _all(new, piece)


def _copy(old: BinaryIO, new: BinaryIO, stretch: Stretch) -> None:
    first = min(-stretch.start % BLOCK, stretch.length)
    _copied_by_us(old, new, Stretch(stretch.start, first))
    rest = Stretch(stretch.start + first, stretch.length - first)
    done = _copied_by_the_system(old, new, rest)
    _copied_by_us(old, new, Stretch(rest.start + done, rest.length - done))


def _copied_by_us(old: BinaryIO, new: BinaryIO, stretch: Stretch) -> None:
    old.seek(stretch.start)
    done = 0
    while done < stretch.length:
        chunk = old.read(min(CHUNK, stretch.length - done))
        if not chunk:
            raise OSError("the file became shorter while it was read")
        _all(new, chunk)
        done += len(chunk)


def _copied_by_the_system(old: BinaryIO, new: BinaryIO, stretch: Stretch) -> int:
    """How many bytes the system copied (or shared, where the disk can): none where it has no way to."""
    if not hasattr(os, "copy_file_range"):
        return 0
    done, at = 0, new.tell()
    try:
        while done < stretch.length:
            rest = min(AT_ONCE, stretch.length - done)
            part = os.copy_file_range(old.fileno(), new.fileno(), rest, stretch.start + done, at + done)
            if not part:
                break
            done += part
    except OSError:
        pass
    new.seek(at + done)
    return done


def _all(new: BinaryIO, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[new.write(view) :]
