"""PNG: an `iTXt` chunk named callsheet, right behind the header."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from itertools import takewhile
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import LONGEST, MOST_PARTS, Pieces, Stretch

FIRST: Final = 8
HEADER_END: Final = 33
CREDENTIALS: Final = b"caBX"
KEYWORD: Final = b"callsheet\0"
PLAIN_UTF8: Final = b"\0\0\0\0"
"""Not compressed, no language, no translated keyword."""


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    kinds = list(takewhile(b"IDAT".__ne__, (kind for kind, _, _ in _chunks(file, size))))
    if kinds[:1] != [b"IHDR"] or CREDENTIALS in kinds:
        return None
    body = b"iTXt" + KEYWORD + PLAIN_UTF8 + text
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return Stretch(0, HEADER_END), chunk, Stretch(HEADER_END, size - HEADER_END)


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    for kind, start, length in _chunks(file, size):
        if kind == b"iTXt" and length <= LONGEST + 64:
            file.seek(start)
            body = file.read(length)
            if body.startswith(KEYWORD + PLAIN_UTF8):
                yield body.removeprefix(KEYWORD + PLAIN_UTF8)


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    for kind, start, length in _chunks(file, size):
        if kind == b"iTXt" and start == HEADER_END + 8:
            end = start + length + 4
            yield Stretch(0, HEADER_END), Stretch(end, size - end)


def _chunks(file: BinaryIO, size: int) -> Iterator[tuple[bytes, int, int]]:
    """(kind, where its content begins, its length) of each chunk."""
    at = FIRST
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if at + 12 + length > size or kind == b"IEND":
            return
        yield kind, at + 8, length
        at += 12 + length
