"""What the host of a result's files may send in place of the file."""

from __future__ import annotations

import base64
import gzip
import zlib
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from callsheet.emulator.http.message import Defect, Reply

PICTURE: Final = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
"""A PNG of one pixel."""
SOUND: Final = (
    b"RIFF,\0\0\0WAVEfmt \x10\0\0\0\1\0\1\0@\x1f\0\0@\x1f\0\0\1\0\x08\0data\x08\0\0\0" + b"\x80" * 8
)
"""A WAV of eight samples."""


def packed(reply: Reply, how: str) -> Reply:
    """The file packed, though nobody asked for it."""
    encoding, pack = PACKINGS.get(how, PACKINGS["gzip"])
    headers = (*reply.headers, ("Content-Encoding", encoding))
    return replace(reply, body=pack(reply.body), headers=headers)


def part(reply: Reply, how: str) -> Reply:
    """206, with the first half of the file, or with `whole` all of it."""
    size = len(reply.body)
    body = reply.body if how == "whole" else reply.body[: size // 2]
    span = ("Content-Range", f"bytes 0-{len(body) - 1}/{size}")
    return replace(reply, status=206, body=body, headers=(*reply.headers, span))


def other_medium(reply: Reply, how: str) -> Reply:
    """A sound in place of a picture, and a picture in place of everything else, with the same headers."""
    kind = dict(reply.headers).get("Content-Type", "")
    return replace(reply, body=SOUND if kind.startswith("image") else PICTURE)


def unmeasured(reply: Reply, how: str) -> Reply:
    """The file without a word about its length; the end of the connection is its end."""
    return replace(reply, defect=Defect(unmeasured=True))


def _raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


def _plain(data: bytes) -> bytes:
    return data


PACKINGS: Final[Mapping[str, tuple[str, Callable[[bytes], bytes]]]] = {
    "gzip": ("gzip", gzip.compress),
    "x-gzip": ("x-gzip", gzip.compress),
    "deflate": ("deflate", zlib.compress),
    "raw-deflate": ("deflate", _raw_deflate),
    "br": ("br", lambda data: b"\x8b\x00\x80" + data[:40]),
    "unknown": ("shrink", lambda data: data[::-1]),
    "not-packed": ("gzip", _plain),
    "identity": ("identity", _plain),
}
"""`how` → the header, and what is done with the bytes."""
