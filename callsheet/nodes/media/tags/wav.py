"""WAV: the comment of an `INFO` list at the end."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.riff import LARGEST, chunk, chunks, may_change
from callsheet.nodes.media.tags.splice import LONGEST, Pieces, Stretch

COMMENT: Final = b"ICMT"


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    if not may_change(file, size, list(chunks(file, size))):
        return None
    added = b"\0" * (size % 2) + chunk(b"LIST", b"INFO" + chunk(COMMENT, text + b"\0"))
    total = size + len(added) - 8
    if total > LARGEST:
        return None
    return Stretch(0, 4), total.to_bytes(4, "little"), Stretch(8, size - 8), added


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    lists = [c for c in chunks(file, size) if c.kind == b"LIST" and c.length <= 2 * LONGEST]
    for found in reversed(lists):
        file.seek(found.start)
        yield from _comments(file.read(found.length))


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    for found in reversed([c for c in chunks(file, size) if c.kind == b"LIST"]):
        for end in (found.start - 8, found.start - 9):
            yield Stretch(0, 4), (end - 8).to_bytes(4, "little"), Stretch(8, end - 8)


def _comments(content: bytes) -> Iterator[bytes]:
    at = 4 if content.startswith(b"INFO") else len(content)
    while at + 8 <= len(content):
        length = int.from_bytes(content[at + 4 : at + 8], "little")
        if content[at : at + 4] == COMMENT:
            yield content[at + 8 : at + 8 + length].rstrip(b"\0")
        at += 8 + length + length % 2
