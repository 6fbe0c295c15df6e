"""The body of a reply as JSON, at no risk: bounded in bytes, depth and meaning."""

from __future__ import annotations

import json
import math
import time
import zlib
from datetime import UTC
from typing import Final, NoReturn

LONGEST: Final = 3600.0


def retry_after(header: str | None, now: float | None = None) -> float | None:
    """Seconds to wait, 0…3600, from a Retry-After header in seconds or as an HTTP date.

    None where there is no header or it says nothing. now: seconds since the epoch.
    """
    if header is None or len(header) > 100:
        return None
    seconds = _seconds(header.strip(), time.time() if now is None else now)
    return None if seconds is None else min(max(seconds, 0.0), LONGEST)


def _seconds(text: str, now: float) -> float | None:
    try:
        number = float(text)
        return None if math.isnan(number) else number
    except ValueError:
        pass
    from email.utils import parsedate_to_datetime  # seldom needed, and slow to import

    try:
        date = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return None
    return (date if date.tzinfo else date.replace(tzinfo=UTC)).timestamp() - now


MEGABYTE: Final = 1024 * 1024
MAX_JSON: Final = 4 * MEGABYTE
MAX_RESULT: Final = 32 * MEGABYTE
MAX_DEPTH: Final = 100
PAGE_STARTS: Final = (b"<!doctype", b"<html", b"<head", b"<body", b"<title", b"<?xml", b"<center", b"<h1")


class BodyError(ValueError):
    """A body that cannot be used, and why, as the end of a sentence about the reply."""


def inflate(data: bytes, encoding: str, cap: int) -> bytes:
    """`data` without its content encoding, at most `cap` bytes of it. Raises BodyError."""
    if encoding in ("", "identity"):
        return data
    if encoding not in ("gzip", "x-gzip", "deflate"):
        raise BodyError("is packed in a way that was not asked for")
    try:
        engine = zlib.decompressobj(zlib.MAX_WBITS | 32)
        plain = engine.decompress(data, cap + 1)
    except zlib.error as error:
        raise BodyError("is packed, and cannot be unpacked") from error
    if len(plain) > cap:
        raise BodyError(f"is larger than {cap // MEGABYTE} MB when unpacked")
    if not engine.eof:
        raise BodyError("is packed, and breaks off")
    return plain


def parse(data: bytes) -> object:
    """The JSON value of `data`, in UTF-8.

    Raises BodyError for what is no JSON, nests deeper than 100, names a field twice or holds NaN.
    """
    try:
        text = data.decode()
        check_depth(text)
        return json.loads(text, object_pairs_hook=_once, parse_constant=_no_constant)
    except BodyError:
        raise
    except (ValueError, RecursionError) as error:
        raise BodyError(what_instead(data)) from error


def parse_object(data: bytes) -> dict[str, object]:
    """The JSON object of `data`. Raises BodyError."""
    value = parse(data)
    if not isinstance(value, dict):
        raise BodyError("is JSON, but not an object")
    return value


def check_depth(text: str) -> None:
    """Raises BodyError for JSON that nests deeper than 100 levels.

    Counts brackets outside strings only when there are enough of them to matter.
    """
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return
    depth = deepest = 0
    for piece in _outside_strings(text):
        for char in piece:
            depth += (char in "[{") - (char in "]}")
            deepest = max(deepest, depth)
    if deepest > MAX_DEPTH:
        raise BodyError(f"nests deeper than {MAX_DEPTH} levels")


def _outside_strings(text: str) -> list[str]:
    return text.replace("\\\\", "").replace('\\"', "").split('"')[::2]


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    fields = dict(pairs)
    if len(fields) != len(pairs):
        raise BodyError("names the same field twice")
    return fields


def _no_constant(name: str) -> NoReturn:
    raise BodyError(f"holds {name}, which JSON does not know")


def what_instead(data: bytes) -> str:
    """What came where JSON was expected, as the end of a sentence."""
    if not data.strip():
        return "is empty"
    if is_html(data):
        return "is an HTML page instead of JSON"
    return "is not JSON"


def is_html(data: bytes) -> bool:
    """Whether `data` begins like a page for people."""
    head = data[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return head.startswith(PAGE_STARTS)
