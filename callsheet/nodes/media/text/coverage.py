"""Which characters a font file can draw, read from its own character map (OpenType `cmap`).

Format: Microsoft Typography, OpenType 1.9, "cmap" table; subtables of format 4 and 12 hold all of Unicode.
"""

from __future__ import annotations

import struct
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

Range = tuple[int, int]

COLLECTION: Final = b"ttcf"
MAX_SEGMENTS: Final = 100_000
COLOURED: Final = (b"CBDT", b"COLR", b"SVG ", b"sbix")
"""Tables of coloured glyphs."""


@dataclass(frozen=True, slots=True)
class Coverage:
    """Code points as sorted ranges, both ends included."""

    ranges: tuple[Range, ...]

    def __contains__(self, point: int) -> bool:
        at = bisect_right(self.ranges, (point, 0x110000)) - 1
        return at >= 0 and self.ranges[at][0] <= point <= self.ranges[at][1]


def coverage(data: bytes) -> Coverage:
    """What the font in `data` (TrueType, OpenType, or the first face of a collection) covers.

    Nothing at all when the file is broken or is no font: then it is never chosen.
    """
    try:
        return Coverage(tuple(_merged(sorted(_ranges(data)))))
    except (struct.error, IndexError):
        return Coverage(())


def is_coloured(data: bytes) -> bool:
    """Whether the font in `data` has pictures of its own colours, which are no outlines to be drawn."""
    try:
        face = _u32(data, 12) if data[:4] == COLLECTION else 0
        return any(_table(data, face, tag) for tag in COLOURED)
    except (struct.error, IndexError):
        return False


def is_whole(data: bytes) -> bool:
    """Whether every table of the font in `data` ends within it: a file that is cut off draws nothing where
    its outlines are missing."""
    try:
        face = _u32(data, 12) if data[:4] == COLLECTION else 0
        entries = [face + 12 + 16 * i for i in range(_u16(data, face + 4))]
        return all(_u32(data, entry + 8) + _u32(data, entry + 12) <= len(data) for entry in entries)
    except (struct.error, IndexError):
        return False


def _ranges(data: bytes) -> Iterator[Range]:
    face = _u32(data, 12) if data[:4] == COLLECTION else 0
    table = _table(data, face, b"cmap")
    for i in range(_u16(data, table + 2) if table else 0):
        subtable = table + _u32(data, table + 8 + 8 * i)
        match _u16(data, subtable):
            case 4:
                yield from _segments(data, subtable)
            case 12:
                yield from _groups(data, subtable)


def _table(data: bytes, face: int, tag: bytes) -> int:
    """Where the table with this tag starts, 0 when there is none."""
    for i in range(_u16(data, face + 4)):
        entry = face + 12 + 16 * i
        if data[entry : entry + 4] == tag:
            return _u32(data, entry + 8)
    return 0


def _segments(data: bytes, at: int) -> Iterator[Range]:
    count = _u16(data, at + 6) // 2
    for i in range(count):
        end = _u16(data, at + 14 + 2 * i)
        start = _u16(data, at + 16 + 2 * count + 2 * i)
        if start <= end and start != 0xFFFF:
            yield start, end


def _groups(data: bytes, at: int) -> Iterator[Range]:
    for i in range(min(_u32(data, at + 12), MAX_SEGMENTS)):
        start, end = struct.unpack_from(">II", data, at + 16 + 12 * i)
        if start <= end <= 0x10FFFF:
            yield start, end


def _merged(ranges: list[Range]) -> Iterator[Range]:
    current: Range | None = None
    for start, end in ranges:
        if current and start <= current[1] + 1:
            current = current[0], max(current[1], end)
            continue
        if current:
            yield current
        current = start, end
    if current:
        yield current


def _u16(data: bytes, at: int) -> int:
    value: int = struct.unpack_from(">H", data, at)[0]
    return value


def _u32(data: bytes, at: int) -> int:
    value: int = struct.unpack_from(">I", data, at)[0]
    return value
