"""WebP: an XMP chunk at the end, announced in the extended header, which a plain file gets."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO, Final

from callsheet.nodes.media.tags.riff import LARGEST, Chunk, chunk, chunks, may_change
from callsheet.nodes.media.tags.splice import LONGEST, Pieces, Stretch

BEFORE: Final = b'<rdf:li xml:lang="x-default">'
AFTER: Final = b"</rdf:li>"
ESCAPES: Final = ((b"&", b"&amp;"), (b"<", b"&lt;"), (b">", b"&gt;"))
PACKET: Final = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/">'
    b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
    b'<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/">'
    b"<dc:description><rdf:Alt>%s</rdf:Alt></dc:description>"
    b"</rdf:Description></rdf:RDF></x:xmpmeta>"
)


def _packet(text: bytes) -> bytes:
    """The packet with `text`, which is UTF-8, as its description."""
    for character, escape in ESCAPES:
        text = text.replace(character, escape)
    return PACKET % (BEFORE + text + AFTER)


def _descriptions(found: bytes) -> Iterator[bytes]:
    """Every text in `found` that stands where `_packet` puts it."""
    for part in found.split(BEFORE)[1:]:
        text, end, _ = part.partition(AFTER)
        if end:
            yield _unescaped(text)


def _unescaped(text: bytes) -> bytes:
    for character, escape in reversed(ESCAPES):
        text = text.replace(escape, character)
    return text


HAS_XMP: Final = 0x04
HAS_ALPHA: Final = 0x10


def with_text(file: BinaryIO, size: int, text: bytes) -> Pieces | None:
    found = list(chunks(file, size))
    if not may_change(file, size, found) or any(c.kind == b"XMP " for c in found):
        return None
    first = found[0]
    file.seek(first.start)
    header = _extended(first, file.read(10))
    if header is None:
        return None
    rest = first.end if first.kind == b"VP8X" else 12
    added = b"\0" * (size % 2) + chunk(b"XMP ", _packet(text))
    total = 4 + len(header) + size - rest + len(added)
    if total > LARGEST:
        return None
    return b"RIFF" + total.to_bytes(4, "little") + b"WEBP" + header, Stretch(rest, size - rest), added


def texts(file: BinaryIO, size: int) -> Iterator[bytes]:
    for found in chunks(file, size):
        if found.kind == b"XMP " and found.length <= 4 * LONGEST:
            file.seek(found.start)
            yield from _descriptions(file.read(found.length))


def without_text(file: BinaryIO, size: int) -> Iterator[Pieces]:
    found = list(chunks(file, size))
    if len(found) < 2 or found[0].kind != b"VP8X" or found[-1].kind != b"XMP ":
        return
    file.seek(found[0].start)
    content = file.read(10)
    plain = chunk(b"VP8X", bytes([content[0] & ~HAS_XMP]) + content[1:])
    rest = found[0].end
    for end in (found[-1].start - 8, found[-1].start - 9):
        for header in (plain, b""):
            total = 4 + len(header) + end - rest
            yield b"RIFF" + total.to_bytes(4, "little") + b"WEBP" + header, Stretch(rest, end - rest)


def _extended(first: Chunk, head: bytes) -> bytes | None:
    """The extended header of a file that begins with this chunk; `head` is the start of its content."""
    if len(head) < 10:
        return None
    if first.kind == b"VP8X" and first.length == 10:
        return chunk(b"VP8X", bytes([head[0] | HAS_XMP]) + head[1:])
    if first.kind == b"VP8L" and head[0] == 0x2F:
        bits = int.from_bytes(head[1:5], "little")
        alpha = HAS_ALPHA if bits >> 28 & 1 else 0
        return _header(HAS_XMP | alpha, bits & 0x3FFF, bits >> 14 & 0x3FFF)
    if first.kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(head[i : i + 2], "little") & 0x3FFF for i in (6, 8))
        return _header(HAS_XMP, width - 1, height - 1)
    return None


def _header(flags: int, right: int, bottom: int) -> bytes:
    """right, bottom: the last pixel of each, counted from 0."""
    return chunk(
        b"VP8X", bytes([flags, 0, 0, 0]) + right.to_bytes(3, "little") + bottom.to_bytes(3, "little")
    )
