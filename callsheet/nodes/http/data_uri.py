"""Small files written into a URL."""

from __future__ import annotations

import base64
import binascii
import re
from pathlib import Path
from typing import Final
from urllib.parse import unquote_to_bytes

from callsheet.nodes.http.body import MEGABYTE

MAX: Final = 64 * MEGABYTE
URL_SAFE: Final = bytes.maketrans(b"-_", b"+/")
"""The other alphabet of base64."""
START: Final = re.compile(
    r"data:(?P<type>[\w.+-]+/[\w.+-]+)?(?P<parameters>(;[\w.=+-]+)*),", re.ASCII | re.IGNORECASE
)


class DataUriError(ValueError):
    """A data URI that cannot be used, and why."""


def content_type(uri: str) -> str:
    """The type that a data URI states, "" where it states none. Raises DataUriError."""
    return _start(uri)["type"] or ""


def decode(uri: str) -> bytes:
    """The bytes of a data URI, at most 64 MB. Raises DataUriError."""
    start = _start(uri)
    text = uri[start.end() :]
    if len(text) > MAX * 4 // 3 + 4:
        raise DataUriError(f"holds more than {MAX // MEGABYTE} MB")
    if not start["parameters"].lower().endswith(";base64"):
        return unquote_to_bytes(text)
    plain = unquote_to_bytes(text).translate(URL_SAFE, b" \t\r\n").rstrip(b"=")
    try:
        return base64.b64decode(plain + b"=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise DataUriError("is not base64 as it says") from error


def encode(path: Path, kind: str) -> str:
    """The file as a data URI. kind: its content type."""
    return of_bytes(path.read_bytes(), kind)


def of_bytes(data: bytes, kind: str) -> str:
    """The bytes as a data URI. kind: their content type."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


def _start(uri: str) -> re.Match[str]:
    match = START.match(uri[:200])
    if match is None:
        raise DataUriError("does not begin like one")
    return match
