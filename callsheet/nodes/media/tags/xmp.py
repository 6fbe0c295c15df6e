"""The smallest XMP packet that has a description. It is searched for its marks, never parsed as XML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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


def packet(text: bytes) -> bytes:
    """The packet with `text`, which is UTF-8, as its description."""
    for character, escape in ESCAPES:
        text = text.replace(character, escape)
    return PACKET % (BEFORE + text + AFTER)


def descriptions(found: bytes) -> Iterator[bytes]:
    """Every text in `found` that stands where `packet` puts it."""
    for part in found.split(BEFORE)[1:]:
        text, end, _ = part.partition(AFTER)
        if end:
            yield _unescaped(text)


def _unescaped(text: bytes) -> bytes:
    for character, escape in reversed(ESCAPES):
        text = text.replace(escape, character)
    return text
