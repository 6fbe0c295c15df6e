"""Bodies that were paid for are read in any encoding, and with all that a strict reader refuses."""

from __future__ import annotations

import gzip
import json
import zlib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callsheet.nodes.http import lenient
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.lenient import Unpacker, unpacked, value_of
from callsheet.nodes.http.message import Reply

GOOD = {"a": [1, "née"]}
TEXT = json.dumps(GOOD, ensure_ascii=False)
RAW = zlib.compressobj(wbits=-zlib.MAX_WBITS)


def read(body: bytes, flaw: str = "", **headers: str) -> object:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    text, value = lenient.read(Reply(200, named, body, flaw))
    assert repr(value) == repr(value_of(text))
    return value


@pytest.mark.parametrize(
    "body",
    [
        TEXT.encode(),
        b"\xef\xbb\xbf" + TEXT.encode(),
        TEXT.encode("utf-16"),
        TEXT.encode("utf-16-le"),
        TEXT.encode("utf-32"),
        b"\n " + TEXT.encode() + b"\x00\n",
        TEXT.encode() + b"<!-- cached -->",
        b")]}',\n" + TEXT.encode(),
        b'{"a": null, "a": [1, "n\xc3\xa9e"]}',
        b'{"a": [1, "n\xc3\xa9e"], "a": null}',
    ],
)
def test_every_encoding(body: bytes) -> None:
    assert read(body) == GOOD


def test_a_stated_charset_and_bytes_that_are_none() -> None:
    assert read(TEXT.encode("latin-1"), content_type="application/json; charset=ISO-8859-1") == GOOD
    assert read(TEXT.encode("latin-1")) == {"a": [1, "n�e"]}
    assert read(TEXT.encode(), content_type="application/json; charset=latin-1") == GOOD
    assert read(TEXT.encode("latin-1"), content_type="text/json; charset=no-such") == {"a": [1, "n�e"]}


def test_what_a_strict_reader_refuses() -> None:
    value = read(b'{"a": NaN, "b": [Infinity], "c": ' + b"9" * 5000 + b', "d": "\t"}')
    assert isinstance(value, dict) and value["a"] != value["a"]
    assert value["b"] == [float("inf")] and value["c"] == float("inf") and value["d"] == "\t"


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (b"", "is empty"),
        (b"<html>login</html>", "HTML page"),
        (b'{"a": [1', "not JSON"),
        (b"soon", "not JSON"),
        (b'{"a":' * 200, "deeper"),
        (b"\x89PNG\r\n", "not JSON"),
    ],
)
def test_what_nobody_can_read(body: bytes, why: str) -> None:
    with pytest.raises(BodyError, match=why):
        read(body)


def test_a_body_that_the_connection_cut_off_is_not_read() -> None:
    with pytest.raises(BodyError, match="breaks off"):
        lenient.read(Reply(200, {}, TEXT.encode(), "breaks off", cut=True))


@pytest.mark.parametrize(
    ("encoding", "body"),
    [
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("x-gzip", gzip.compress(TEXT.encode(), mtime=0)),
        ("deflate", zlib.compress(TEXT.encode())),
        ("deflate", RAW.compress(TEXT.encode()) + RAW.flush()),
        ("deflate", gzip.compress(TEXT.encode(), mtime=0)),
        ("gzip, gzip", gzip.compress(gzip.compress(TEXT.encode(), mtime=0), mtime=0)),
        ("gzip", TEXT.encode()),
        ("utf-8", TEXT.encode()),
        ("identity", TEXT.encode()),
    ],
)
def test_packed_or_only_said_to_be(encoding: str, body: bytes) -> None:
    assert read(body, "is packed, and cannot be unpacked", content_encoding=encoding) == GOOD
    assert unpacked(body, encoding, 1000) == TEXT.encode()


@pytest.mark.parametrize(
    ("encoding", "body", "why"),
    [
        ("br", TEXT.encode(), "packed with br"),
        ("gzip", gzip.compress(bytes(10**7), mtime=0), "larger"),
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)[:-4], "breaks off"),
        ("gzip", gzip.compress(TEXT.encode(), mtime=0)[:12] + b"zzzzzzzz", "cannot be unpacked|breaks off"),
    ],
)
def test_what_cannot_be_unpacked(encoding: str, body: bytes, why: str) -> None:
    with pytest.raises(BodyError, match=why):
        unpacked(body, encoding, 1000)


@given(st.binary(max_size=300), st.integers(1, 50))
def test_packed_in_any_pieces(data: bytes, size: int) -> None:
    packed = gzip.compress(data)
    unpacker = Unpacker("gzip", 1000)
    pieces = [unpacker.feed(packed[i : i + size]) for i in range(0, len(packed), size)]
    unpacker.close()
    assert b"".join(pieces) == data and unpacker.received == len(data)


@given(st.binary(max_size=300), st.sampled_from(["", "gzip", "deflate", "br", "gzip, br", "nonsense"]))
def test_bytes_are_read_or_a_body_error(data: bytes, encoding: str) -> None:
    with suppress(BodyError):
        read(data, "a flaw", content_encoding=encoding)
