"""PNG: an `iTXt` chunk named callsheet, right behind the header."""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.limits import LONGEST, MOST_PARTS
from callsheet.nodes.media.tags.splice import Pieces, Stretch

FIRST: Final = 8
HEADER_END: Final = 33
KEYWORD: Final = b"callsheet\0"
PLAIN_UTF8: Final = b"\0\0\0\0"
"""Not compressed, no language, no translated keyword."""


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    file.seek(FIRST)
    if file.read(8) != b"\0\0\0\rIHDR":
        return None
    body = b"iTXt" + KEYWORD + PLAIN_UTF8 + text
    chunk = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    return Stretch(0, HEADER_END), chunk, Stretch(HEADER_END, size - HEADER_END)


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    at = FIRST
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(8)
        length, kind = int.from_bytes(head[:4], "big"), head[4:]
        if at + 12 + length > size or kind == b"IEND":
            return
        if kind == b"iTXt" and length <= LONGEST + 64:
            body = file.read(length)
            if body.startswith(KEYWORD + PLAIN_UTF8):
                yield body.removeprefix(KEYWORD + PLAIN_UTF8)
        at += 12 + length
