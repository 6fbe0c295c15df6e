"""FLAC: the description among the Vorbis comments, which a file without them gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import MOST_PARTS, Pieces, Stretch

COMMENTS: Final = 4
NAME: Final = b"DESCRIPTION="
LARGEST: Final = (1 << 24) - 1
Block = tuple[int, int, int]
"""Where its content begins, its kind, its length."""


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    blocks = list(_blocks(file, size))
    if not blocks:
        return None
    there = next((b for b in blocks if b[1] == COMMENTS), None)
    if there is None:
        first = blocks[0]
        return _between(file, size, first[0] + first[2], 0, _added(b"\0" * 8, text))
    start, _, length = there
    file.seek(start)
    return _between(file, size, start - 4, 4 + length, _added(file.read(length), text))


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    for start, kind, length in _blocks(file, size):
        if kind == COMMENTS and length <= 1 << 20:
            file.seek(start)
            found = _comments(file.read(length))
            yield from (c[len(NAME) :] for c in found if c[: len(NAME)].upper() == NAME)


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    blocks = list(_blocks(file, size))
    there = next((b for b in blocks if b[1] == COMMENTS), None)
    if there is None:
        return
    start, _, length = there
    file.seek(start)
    content = _without_first(file.read(length))
    yield _between(file, size, start - 4, 4 + length, content) or ()
    file.seek(start - 4)
    last = file.read(1)[0] & 0x80
    file.seek(4)
    first = bytes([file.read(1)[0] | last])
    rest = start + length
    yield Stretch(0, 4), first, Stretch(5, start - 4 - 5), Stretch(rest, size - rest)


def _without_first(content: bytes) -> bytes | None:
    """The comments without the first one; None when there is none."""
    vendor = 4 + _number(content, 0)
    count, at = _number(content, vendor), vendor + 4
    if not count or len(content) < at:
        return None
    rest = at + 4 + _number(content, at)
    return content[:vendor] + (count - 1).to_bytes(4, "little") + content[rest:]


def _between(file: BinaryIO, size: int, at: int, replaced: int, content: bytes | None) -> Pieces | None:
    """A block of comments at `at`, in place of `replaced` bytes. If it comes last it says so."""
    if content is None or len(content) > LARGEST:
        return None
    last = 0
    before: list[bytes | Stretch] = [Stretch(0, at)]
    if replaced:
        file.seek(at)
        last = file.read(1)[0] & 0x80
    else:
        file.seek(4)
        kind = file.read(1)[0]
        last = kind & 0x80
        before = [Stretch(0, 4), bytes([kind & 0x7F]), Stretch(5, at - 5)]
    block = bytes([last | COMMENTS]) + len(content).to_bytes(3, "big") + content
    return *before, block, Stretch(at + replaced, size - at - replaced)


def _blocks(file: BinaryIO, size: int) -> Iterator[Block]:
    """Every block of metadata; the first describes the stream."""
    at = 4
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(4)
        length = int.from_bytes(head[1:], "big")
        if len(head) < 4 or at + 4 + length > size:
            return
        yield at + 4, head[0] & 0x7F, length
        if head[0] & 0x80:
            return
        at += 4 + length


def _added(content: bytes, text: bytes) -> bytes | None:
    """The comments with one more; None when they are damaged."""
    vendor = 4 + _number(content, 0)
    count = _number(content, vendor)
    if len(content) < vendor + 4 or len(list(_comments(content))) != count:
        return None
    comment = NAME + text
    ours = len(comment).to_bytes(4, "little") + comment
    return content[:vendor] + (count + 1).to_bytes(4, "little") + ours + content[vendor + 4 :]


def _comments(content: bytes) -> Iterator[bytes]:
    at = 4 + _number(content, 0)
    count, at = _number(content, at), at + 4
    for _ in range(min(count, MOST_PARTS)):
        length = _number(content, at)
        if at + 4 + length > len(content):
            return
        yield content[at + 4 : at + 4 + length]
        at += 4 + length


def _number(content: bytes, at: int) -> int:
    return int.from_bytes(content[at : at + 4], "little")
