"""MP4, MOV, M4A: a comment in the `moov` box, with every offset behind it moved.

Nothing else changes: the pictures and sounds are copied as they are, and each offset leads to the same
bytes as before. Files in fragments, and files whose offsets stand in places not known here, are left alone.
"""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.mp4_boxes import Box, Damaged, Read, boxes, child, inside, of, reader
from callsheet.nodes.media.tags.mp4_comment import comments, with_comment, with_room, without_comment
from callsheet.nodes.media.tags.splice import Pieces, Stretch

KNOWN: Final = {b"ftyp", b"moov", b"mdat", b"free", b"skip", b"wide", b"uuid", b"udta", b"pnot"}
CREDENTIALS: Final = bytes.fromhex("d8fec3d61b0e483c92975828877ec481")
"""The UUID of a maker's signature over the whole file, which any change would break."""

LARGEST_MOOV: Final = 64 << 20
UP_TO_THE_END: Final = b"\0" * 4
"""The size of a box that ends with its file."""
OFFSETS: Final = {b"stco": "I", b"co64": "Q"}
ELSEWHERE: Final = {b"saio", b"iloc", b"cmov", b"mvex"}
"""Boxes that hold offsets of another kind, or hide them."""


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    return changed(file, size, lambda moov: with_comment(moov, text))


def changed(
    file: BinaryIO, size: int, change: Callable[[bytes], bytes], behind: bytes = b""
) -> Pieces | None:
    """The file with another `moov`; None where it cannot be changed. change: makes the new box of the old
    one, with offsets that lead to places of the old file. behind: boxes that are put at the end of the file.
    """
    read = reader(file)
    try:
        found = list(boxes(read, 0, size))
        if any(box.kind == b"uuid" and read(box.start, 16) == CREDENTIALS for box in found):
            return None
        moov = _moov(found, size)
        if behind and read(found[-1].at, 4) == UP_TO_THE_END:
            return None
        old = read(moov.at, moov.end - moov.at)
        new = change(old)
        if moov.end < size:
            new = with_room(new, len(old))
        new = _moved(new, list(_tables(of(new), _first(new))), moov.end, len(new) - len(old))
    except (Damaged, OverflowError):
        return None
    return Stretch(0, moov.at), new, Stretch(moov.end, size - moov.end), behind


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    read = reader(file)
    try:
        for box in boxes(read, 0, size):
            if box.kind == b"moov" and box.end - box.at <= LARGEST_MOOV:
                yield from comments(read(box.at, box.end - box.at))
    except Damaged:
        return


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    read = reader(file)
    try:
        moov = _moov(list(boxes(read, 0, size)), size)
        noted = read(moov.at, moov.end - moov.at)
        for old in without_comment(noted):
            tables = list(_tables(of(old), _first(old)))
            yield (
                Stretch(0, moov.at),
                _moved(old, tables, moov.end, len(old) - len(noted)),
                Stretch(moov.end, size - moov.end),
            )
    except (Damaged, OverflowError):
        return


def index(file: BinaryIO, size: int) -> tuple[Box, list[int]]:
    """The `moov` box, and where the chunks of pictures and sound begin, in the order of its tables.

    Raises Damaged.
    """
    read = reader(file)
    moov = _moov(list(boxes(read, 0, size)), size)
    content = read(moov.at, moov.end - moov.at)
    tables = _tables(of(content), _first(content))
    return moov, [offset for table in tables for offset in _numbers(content, *table)]


def _moov(found: list[Box], size: int) -> Box:
    """The one `moov` of a file that can be changed. Raises Damaged."""
    moov = [box for box in found if box.kind == b"moov"]
    if len(moov) != 1 or any(box.kind not in KNOWN for box in found) or found[-1].end != size:
        raise Damaged("not a plain file")
    if moov[0].end - moov[0].at > LARGEST_MOOV:
        raise Damaged("too large")
    return moov[0]


def _first(content: bytes) -> Box:
    return next(boxes(of(content), 0, len(content)))


def _tables(read: Read, moov: Box) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its numbers begin, where they end) of each table of offsets. Raises Damaged."""
    for box in boxes(read, moov.start, moov.end):
        if box.kind in ELSEWHERE:
            raise Damaged("fragments, or a hidden index")
        if box.kind == b"trak":
            yield from _tables_of_track(read, box)


def _tables_of_track(read: Read, trak: Box) -> Iterator[tuple[bytes, int, int]]:
    minf = inside(read, trak, b"mdia", b"minf")
    if minf is None:
        return
    _own_data(read, minf)
    stbl = child(read, minf, b"stbl")
    for box in boxes(read, stbl.start, stbl.end) if stbl else ():
        if box.kind in ELSEWHERE:
            raise Damaged("offsets of another kind")
        if box.kind in OFFSETS:
            width = 4 if box.kind == b"stco" else 8
            start = box.start + 8
            end = start + width * int.from_bytes(read(box.start + 4, 4), "big")
            if end > box.end:
                raise Damaged("a table of offsets is cut off")
            yield box.kind, start, end


def _own_data(read: Read, minf: Box) -> None:
    """Raises Damaged when a track's pictures lie in another file: its offsets are not about this one."""
    dref = inside(read, minf, b"dinf", b"dref")
    if dref is None:
        return
    for entry in boxes(read, dref.start + 8, dref.end):
        if not read(entry.start + 3, 1)[0] & 1:
            raise Damaged("data in another file")


def _moved(moov: bytes, tables: list[tuple[bytes, int, int]], end: int, by: int) -> bytes:
    """`moov` with each offset from `end` on larger by `by`. Raises OverflowError when one does not fit."""
    new = bytearray(moov)
    for kind, start, stop in tables:
        numbers = _numbers(moov, kind, start, stop)
        moved = array(OFFSETS[kind], [o + by if o >= end else o for o in numbers])
        new[start:stop] = _swapped(moved).tobytes()
    return bytes(new)


def _numbers(content: bytes, kind: bytes, start: int, end: int) -> array[int]:
    numbers = array(OFFSETS[kind])
    numbers.frombytes(content[start:end])
    return _swapped(numbers)


def _swapped(numbers: array[int]) -> array[int]:
    """Between this machine's order of bytes and the file's."""
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers
