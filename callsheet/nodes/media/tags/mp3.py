"""MP3: a comment in the ID3v2 tag, which a file without one gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import LONGEST, MOST_PARTS, SIGNED, Pieces, Stretch

HEADER: Final = 10
UTF16, UTF8 = 1, 3
LANGUAGE: Final = b"eng"
LARGEST_TAG: Final = 64 << 20


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    version, length = _tag(file, size)
    file.seek(0)
    if version not in (0, 3, 4) or length > LARGEST_TAG or SIGNED in file.read(HEADER + length):
        return None
    frame = _frame(text, version or 4)
    header = b"ID3" + bytes([version or 4, 0, 0]) + _sevens(length + len(frame))
    start = HEADER if version else 0
    return header, frame, Stretch(start, size - start)


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    version, length = _tag(file, size)
    at, end = HEADER, HEADER + length
    for _ in range(MOST_PARTS if version in (3, 4) else 0):
        file.seek(at)
        head = file.read(HEADER)
        if at + HEADER > end or not head[:4].strip(b"\0"):
            return
        long = _of_sevens(head[4:8]) if version == 4 else int.from_bytes(head[4:8], "big")
        if head[:4] == b"COMM" and 4 < long <= 3 * LONGEST and at + HEADER + long <= end:
            yield from _comment(file.read(long))
        at += HEADER + long


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    version, length = _tag(file, size)
    if version not in (3, 4):
        return
    file.seek(HEADER)
    head = file.read(HEADER)
    long = _of_sevens(head[4:8]) if version == 4 else int.from_bytes(head[4:8], "big")
    end = 2 * HEADER + long
    if head[:4] == b"COMM" and end <= HEADER + length:
        header = b"ID3" + bytes([version, 0, 0]) + _sevens(length - HEADER - long)
        yield header, Stretch(end, size - end)
        yield (Stretch(end, size - end),)


def _tag(file: BinaryIO, size: int) -> tuple[int, int]:
    """(version, bytes behind its header) of the tag; version 0 for none, -1 for one that is not touched."""
    file.seek(0)
    head = file.read(HEADER)
    if not head.startswith(b"ID3"):
        return 0, 0
    length = _of_sevens(head[6:10])
    plain = len(head) == HEADER and head[5] == 0 and max(head[6:10]) < 0x80 and HEADER + length <= size
    return (head[3], length) if plain else (-1, 0)


def _frame(text: bytes, version: int) -> bytes:
    if version == 4:
        content = bytes([UTF8]) + LANGUAGE + b"\0" + text
        return b"COMM" + _sevens(len(content)) + b"\0\0" + content
    content = bytes([UTF16]) + LANGUAGE + b"\xff\xfe\0\0" + b"\xff\xfe" + text.decode().encode("utf-16-le")
    return b"COMM" + len(content).to_bytes(4, "big") + b"\0\0" + content


def _comment(content: bytes) -> Iterator[bytes]:
    if content[0] == UTF8:
        yield content[4:].partition(b"\0")[2]
    elif content[0] == UTF16:
        yield content[4:].decode("utf-16", "replace").partition("\0")[2].removeprefix("\ufeff").encode()


def _sevens(number: int) -> bytes:
    """Four bytes of seven bits."""
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def _of_sevens(four: bytes) -> int:
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=False))
