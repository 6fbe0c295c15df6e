"""JSON from strangers."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.nodes.http.body import BodyError, inflate, parse, parse_object, retry_after

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
)


@given(VALUES)
def test_json_comes_back_as_it_was(value: object) -> None:
    assert parse(json.dumps(value).encode()) == value


@given(st.binary(max_size=200))
def test_bytes_are_json_or_a_body_error(data: bytes) -> None:
    with suppress(BodyError):
        parse(data)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "is empty"),
        (b" \n", "is empty"),
        (b"<!DOCTYPE html><html>", "HTML page"),
        (b"\xef\xbb\xbf<html>", "HTML page"),
        (b"{", "not JSON"),
        (b'{"a": NaN}', "NaN"),
        (b'{"a": -Infinity}', "Infinity"),
        (b'{"a": 1, "a": 2}', "same field twice"),
        (b"[" * 200 + b"]" * 200, "deeper"),
        (b'{"a":' * 100_000, "deeper"),
        (b"\xff", "not JSON"),
        (b"9" * 5000, "not JSON"),
    ],
)
def test_why_a_body_is_no_json(data: bytes, why: str) -> None:
    with pytest.raises(BodyError, match=why):
        parse(data)


def test_brackets_in_texts_are_no_depth() -> None:
    assert parse(json.dumps(["[" * 500, '"{\\']).encode()) == ["[" * 500, '"{\\']


def test_an_object_is_asked_for() -> None:
    with pytest.raises(BodyError, match="not an object"):
        parse_object(b"[]")


def test_packing_within_bounds() -> None:
    assert inflate(gzip.compress(b"abc"), "gzip", 10) == b"abc"
    assert inflate(zlib.compress(b"abc"), "deflate", 10) == b"abc"
    assert inflate(b"abc", "identity", 10) == b"abc"
    for data, encoding, why in (
        (gzip.compress(bytes(10**6)), "gzip", "larger"),
        (gzip.compress(b"abc")[:-4], "gzip", "breaks off"),
        (b"abc", "gzip", "cannot be unpacked"),
        (b"abc", "br", "not asked for"),
    ):
        with pytest.raises(BodyError, match=why):
            inflate(data, encoding, 1000)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("", None),
        ("5", 5.0),
        ("0.5", 0.5),
        ("-3", 0.0),
        ("99999999999", 3600.0),
        ("inf", 3600.0),
        ("nan", None),
        ("soon", None),
        ("Thu, 01 Jan 1970 00:17:40 GMT", 60.0),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 0.0),
        ("Thu, 99 Jan 1970 00:00:00 GMT", None),
        ("9" * 1000, None),
    ],
)
def test_retry_after(header: str | None, seconds: float | None) -> None:
    assert retry_after(header, now=1000.0) == seconds
