"""Reads what was paid for as well as it can be read: a strict reader would lose the result.

What is read strictly before payment (see `body`) is read here in any encoding, whatever its header says, with
a byte order mark, with NaN, with a field named twice, or with something after its end.
"""

from __future__ import annotations

import codecs
import json
import zlib
from collections.abc import Iterator
from typing import Final

from callsheet.nodes.http.body import MAX_RESULT, MEGABYTE, BodyError, check_depth, what_instead
from callsheet.nodes.http.message import Reply

PACKED: Final = {"br", "zstd", "compress", "x-compress", "lzma", "xz", "bzip2", "dcb", "dcz"}
"""Encodings that cannot be undone here."""
PACKERS: Final = ("gzip", "x-gzip", "deflate")
"""Encodings that are undone."""
GZIP: Final = b"\x1f\x8b"
DIGITS: Final = 4000
"""Digits of a number that Python converts."""
GUARD: Final = (")]}'", "while(1);", "for(;;);")
"""What some servers put before JSON, so that no browser runs it."""


def read(reply: Reply) -> tuple[str, object]:
    """The text of a JSON body, and its value as `value_of` reads it. Raises BodyError."""
    if reply.flaw and reply.cut:
        raise BodyError(reply.flaw)
    data = reply.body
    if reply.flaw:
        data = unpacked(data, reply.headers.get("content-encoding", ""), MAX_RESULT, reply.flaw)
    text = _decoded(data, reply.headers.get("content-type", "")).strip("\ufeff\x00 \t\r\n")
    for guard in GUARD:
        text = text.removeprefix(guard).lstrip(" ,\r\n")
    try:
        return text, value_of(text)
    except BodyError:
        raise
    except (ValueError, RecursionError):
        raise BodyError(what_instead(data)) from None


def value_of(text: str) -> object:
    """The JSON value at the beginning of `text`: of a field that is named twice the last value that is not
    null. Raises BodyError, ValueError or RecursionError."""
    check_depth(text)
    value, _ = DECODER.raw_decode(text)
    return value


def unpacked(data: bytes, encodings: str, cap: int, flaw: str = "") -> bytes:
    """`data` without its content encodings, at most `cap` bytes; unchanged where the data is not encoded.

    Raises BodyError, with `flaw` where nothing better can be said.
    """
    for encoding in reversed([part.strip().lower() for part in encodings.split(",")]):
        if encoding in PACKED:
            raise BodyError(f"is packed with {encoding}, which was not asked for")
        if encoding in PACKERS:
            data = b"".join(Unpacker(encoding, cap).all_of(data))
    if flaw and len(data) >= cap:
        raise BodyError(flaw)
    return data


class Unpacker:
    """Undoes gzip or deflate piece by piece, with an end at `cap` bytes of what comes out.

    What is not packed, though its header says so, passes through.
    """

    def __init__(self, encoding: str, cap: int) -> None:
        self._encoding, self._cap = encoding, cap
        self._engine: zlib._Decompress | None = None
        self._plain = encoding not in PACKERS
        self._head = b""
        self.received = 0

    def all_of(self, data: bytes) -> Iterator[bytes]:
        """What `data`, all there is, holds. Raises BodyError."""
        yield self.feed(data)
        self.close()

    def feed(self, data: bytes) -> bytes:
        """What the next piece holds; the first is kept until it shows how it is packed. Raises BodyError."""
        if self._engine is None and not self._plain:
            self._head += data
            if len(self._head) < len(GZIP):
                return b""
            data, self._head = self._head, b""
            self._engine = self._begun(data)
            self._plain = self._engine is None
        plain = data if self._engine is None else self._inflated(self._engine, data)
        self.received += len(plain)
        if self.received > self._cap:
            raise BodyError(f"is larger than {self._cap // MEGABYTE or 1} MB when unpacked")
        return plain

    def close(self) -> None:
        """All pieces came. Raises BodyError when the data ends too early."""
        if self._head:
            raise BodyError("is too short to be anything")
        if self._engine is not None and not self._engine.eof:
            raise BodyError("is packed, and breaks off")

    def _begun(self, data: bytes) -> zlib._Decompress | None:
        """An engine that can read what begins like `data`."""
        if data.startswith(GZIP):
            return zlib.decompressobj(zlib.MAX_WBITS | 16)
        if self._encoding != "deflate":
            return None
        for bits in (zlib.MAX_WBITS, -zlib.MAX_WBITS):
            try:
                zlib.decompressobj(bits).decompress(data, 64)
            except zlib.error:
                continue
            return zlib.decompressobj(bits)
        return None

    def _inflated(self, engine: zlib._Decompress, data: bytes) -> bytes:
        room = max(1, self._cap + 1 - self.received)
        try:
            plain = engine.decompress(data, room)
        except zlib.error:
            raise BodyError("is packed, and cannot be unpacked") from None
        if engine.unconsumed_tail:
            raise BodyError(f"is larger than {self._cap // MEGABYTE or 1} MB when unpacked")
        return plain


def _decoded(data: bytes, content_type: str) -> str:
    """In the encoding that its first bytes or its header tell, whatever is wrong with it left out."""
    encoding: str = json.detect_encoding(data)
    named = content_type.lower().rpartition("charset=")[2].split(";")[0].strip("\"' ")
    if encoding == "utf-8" and "charset=" in content_type.lower():
        try:
            return data.decode()
        except UnicodeDecodeError:
            encoding = _known(named) or encoding
    return data.decode(encoding, "replace")


def _known(encoding: str) -> str:
    try:
        return codecs.lookup(encoding).name
    except LookupError:
        return ""


def _merged(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields: dict[str, object] = {}
    for name, value in pairs:
        if value is not None or name not in fields:
            fields[name] = value
    return fields


def _integer(digits: str) -> int | float:
    return int(digits) if len(digits) < DIGITS else float(digits)


DECODER: Final = json.JSONDecoder(object_pairs_hook=_merged, parse_int=_integer, strict=False)
