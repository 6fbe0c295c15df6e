"""GIF: a comment before the first picture."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.splice import LONGEST, MOST_PARTS, SIGNED, Pieces, Stretch

VERSION: Final = b"GIF89a"
"""The one that has comments."""
VERSIONS: Final = (b"GIF89a", b"GIF87a")
EXTENSION, COMMENT, APPLICATION = 0x21, 0xFE, 0xFF
BLOCK: Final = 255


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    at = _first(file)
    for start, label, content in _extensions(file):
        if label != APPLICATION:
            break
        if SIGNED in content[:12].lower():
            return None
        at = start + 2 + len(content)
    if at >= size:
        return None
    blocks = b"".join(bytes([len(b)]) + b for b in _cut(text))
    comment = bytes([EXTENSION, COMMENT]) + blocks + b"\0"
    return VERSION, Stretch(len(VERSION), at - len(VERSION)), comment, Stretch(at, size - at)


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    for _, label, content in _extensions(file):
        if label == COMMENT:
            yield _joined(content)


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    for at, label, content in _extensions(file):
        if label == COMMENT:
            end = at + 2 + len(content)
            for version in VERSIONS:
                yield version, Stretch(len(version), at - len(version)), Stretch(end, size - end)


def _first(file: BinaryIO) -> int:
    """Where the blocks begin: behind the screen's description and its colours."""
    file.seek(10)
    packed = file.read(1)
    colours = 3 << ((packed[0] & 7) + 1) if packed and packed[0] & 0x80 else 0
    return 13 + colours


def _extensions(file: BinaryIO) -> Iterator[tuple[int, int, bytes]]:
    """(where, label, blocks with their lengths) of each extension before the first picture."""
    at = _first(file)
    for _ in range(MOST_PARTS):
        file.seek(at)
        head = file.read(2)
        if len(head) < 2 or head[0] != EXTENSION:
            return
        content = _blocks(file)
        if content is None:
            return
        yield at, head[1], content
        at += 2 + len(content)


def _blocks(file: BinaryIO) -> bytes | None:
    """The blocks up to the empty one that ends them; None when they are cut off or too many."""
    found = bytearray()
    while len(found) <= 2 * LONGEST:
        length = file.read(1)
        if not length:
            return None
        found += length + file.read(length[0])
        if length == b"\0":
            return bytes(found)
    return None


def _cut(text: bytes) -> Iterator[bytes]:
    return (text[i : i + BLOCK] for i in range(0, len(text), BLOCK))


def _joined(content: bytes) -> bytes:
    found, at = bytearray(), 0
    while at < len(content):
        found += content[at + 1 : at + 1 + content[at]]
        at += 1 + content[at]
    return bytes(found)
