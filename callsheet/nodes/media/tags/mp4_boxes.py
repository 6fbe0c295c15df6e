"""The boxes of the ISO family (MP4, MOV, M4A), in a file or in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from callsheet.nodes.media.tags.splice import MOST_PARTS

Read = Callable[[int, int], bytes]
"""(where, how many) → the bytes there, fewer at the end."""


@dataclass(frozen=True, slots=True)
class Box:
    """A box from `at` to `end`; its content begins at `start`. fixed: its size is written in four bytes."""

    kind: bytes
    at: int
    start: int
    end: int
    fixed: bool = True


class Damaged(ValueError):
    """The boxes do not add up."""


def boxes(read: Read, start: int, end: int) -> Iterator[Box]:
    """The boxes between `start` and `end`, which they fill. Raises Damaged.

    Less than a header may be left at the end: an old habit of QuickTime's.
    """
    at = start
    for _ in range(MOST_PARTS):
        if end - at < 8:
            return
        box = _box(read(at, 16), at, end)
        if not box.start <= box.end <= end:
            raise Damaged(f"a box at {at} does not fit into its place")
        yield box
        at = box.end
    raise Damaged("too many boxes")


def _box(head: bytes, at: int, end: int) -> Box:
    size, kind = int.from_bytes(head[:4], "big"), head[4:8]
    if size == 1:
        return Box(kind, at, at + 16, at + int.from_bytes(head[8:16], "big"), fixed=False)
    if size == 0:
        return Box(kind, at, at + 8, end, fixed=False)
    return Box(kind, at, at + 8, at + size)


def reader(file: BinaryIO) -> Read:
    """How to read from a file."""

    def read(at: int, length: int) -> bytes:
        file.seek(at)
        return file.read(length)

    return read


def of(content: bytes | bytearray) -> Read:
    """How to read from memory."""
    return lambda at, length: bytes(content[at : at + length])


def child(read: Read, parent: Box, kind: bytes) -> Box | None:
    """The first box of a kind directly inside `parent`. Raises Damaged."""
    return next((box for box in boxes(read, parent.start, parent.end) if box.kind == kind), None)


def made(kind: bytes, *content: bytes) -> bytes:
    """The bytes of a box."""
    whole = b"".join(content)
    return (len(whole) + 8).to_bytes(4, "big") + kind + whole


def inside(read: Read, box: Box, *path: bytes) -> Box | None:
    """The box that one gets to from `box` by the first of each kind in `path`. Raises Damaged."""
    found: Box | None = box
    for kind in path:
        found = child(read, found, kind) if found else None
    return found


def number(read: Read, at: int, width: int = 4) -> int:
    """The number that is written at a place in so many bytes."""
    return int.from_bytes(read(at, width), "big")
