"""JPEG: a comment segment behind the application segments."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import MOST_PARTS, SIGNED, Pieces, Stretch

COMMENT: Final = 0xFE
APPLICATIONS: Final = range(0xE0, 0xF0)
PICTURE: Final = 0xDA
CREDENTIALS: Final = 0xEB


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    segments = list(_segments(file, size))
    at = next((at for at, kind, _ in segments if kind not in APPLICATIONS), None)
    if at is None or any(_is_signature(file, *segment) for segment in segments):
        return None
    segment = bytes([0xFF, COMMENT]) + (len(text) + 2).to_bytes(2, "big") + text
    return Stretch(0, at), segment, Stretch(at, size - at)


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    for at, kind, length in _segments(file, size):
        if kind == COMMENT:
            file.seek(at + 4)
            yield file.read(length - 2)


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    for at, kind, length in _segments(file, size):
        if kind == COMMENT:
            end = at + 2 + length
            yield Stretch(0, at), Stretch(end, size - end)


def _is_signature(file: BinaryIO, at: int, kind: int, length: int) -> bool:
    if kind != CREDENTIALS:
        return False
    file.seek(at)
    return SIGNED in file.read(min(length, 64))


def _segments(file: BinaryIO, size: int) -> Iterator[tuple[int, int, int]]:
    """(where, marker, length without the marker) of each segment before the picture, and of the picture."""
    at = 2
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(4)
        if len(head) < 4 or head[0] != 0xFF:
            return
        if head[1] == 0xFF:
            at += 1
            continue
        length = int.from_bytes(head[2:], "big")
        if length < 2 or at + 2 + length > size:
            return
        yield at, head[1], length
        if head[1] == PICTURE:
            return
        at += 2 + length
