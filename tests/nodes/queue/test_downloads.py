"""Downloads: all of a file or none of it, within bounds, from where it says."""

from __future__ import annotations

import asyncio
from collections import namedtuple
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import CallsheetError, StoreError
from callsheet.nodes.queue import downloads as module
from callsheet.nodes.queue.downloads import Files, Patience
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.web_origin import origin_of

MP4 = b"\x00\x00\x00\x18ftypisom" + bytes(5000)
IMPATIENT = Patience(seconds=2, silent=0.3, window=0.2, rate=1000)
CAPS = {"image": 1000, "video": 10_000}
Web = Any


def fetch(web: Web, answer: Any, folder: Path, patience: Patience = IMPATIENT) -> tuple[Any, Any]:
    """The error or None, and what the server saw."""

    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(answer) as server:
            files = Files({origin_of(server.url)}, patience=patience)
            try:
                await files.fetch(f"{server.url}/files/a.mp4?X-Sig=canary", folder / "a.mp4", CAPS)
                return None, server
            except CallsheetError as error:
                return error, server
            finally:
                await files.close()

    return asyncio.run(scenario())


def streamed(web: Web, head: bytes, piece: bytes, pause: float) -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(head)
        while True:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(pause)

    return answer


def test_a_whole_file_arrives_without_any_credential(web: Web, tmp_path: Path) -> None:
    error, server = fetch(web, web.reply(200, MP4, content_type="video/mp4"), tmp_path)
    assert error is None
    assert [p.name for p in tmp_path.iterdir()] == ["a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == MP4
    (seen,) = server.seen
    assert seen.headers["accept-encoding"] == "identity"
    assert not {"authorization", "cookie"} & seen.headers.keys()


def test_a_chunked_file_marks_its_own_end(web: Web, tmp_path: Path) -> None:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: video/mp4\r\n\r\n"
        writer.write(head + b"%x\r\n%s\r\n0\r\n\r\n" % (len(MP4), MP4))

    assert fetch(web, answer, tmp_path)[0] is None
    assert (tmp_path / "a.mp4").read_bytes() == MP4


OPEN_END = b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
PACKED = {"content_encoding": "gzip", "content_type": "video/mp4"}


@pytest.mark.parametrize(
    ("name", "passing", "gone"),
    [
        ("not there", False, True),
        ("forbidden", False, True),
        ("expired", False, True),
        ("busy", True, False),
        ("broken", True, False),
        ("partial", False, False),
        ("empty", True, False),
        ("short", True, False),
        ("without length", True, False),
        ("unfinished chunks", True, False),
        ("a page", False, True),
        ("a page that lies", False, True),
        ("too large by its word", False, False),
        ("packed", False, False),
        ("silent", True, False),
        ("trickling", True, False),
        ("endless", False, False),
    ],
)
def test_anything_else_leaves_nothing(name: str, passing: bool, gone: bool, web: Web, tmp_path: Path) -> None:
    answers = {
        "not there": web.reply(404),
        "forbidden": web.reply(403),
        "expired": web.reply(410),
        "busy": web.reply(429, retry_after="3"),
        "broken": web.reply(502),
        "partial": web.reply(206, MP4),
        "empty": web.reply(200),
        "short": web.reply(200, MP4, content_length="6000"),
        "without length": web.reply(200, MP4, content_length=None),
        "unfinished chunks": web.reply(
            200, b"5\r\nabcde\r\n", content_length=None, transfer_encoding="chunked"
        ),
        "a page": web.reply(200, b"<html>", content_type="text/html; charset=utf-8"),
        "a page that lies": web.reply(200, b"<!DOCTYPE html><html>", content_type="video/mp4"),
        "too large by its word": web.reply(200, MP4, content_type="image/png"),
        "packed": web.reply(200, MP4, **PACKED),
        "silent": streamed(web, b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"", 9),
        "trickling": streamed(web, b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", b"x", 0.02),
        "endless": streamed(web, CHUNKED, b"400\r\n" + bytes(1024) + b"\r\n", 0),
    }
    error, server = fetch(web, answers[name], tmp_path)
    assert isinstance(error, QueueError), error
    assert (error.passing, error.gone) == (passing, gone), error
    assert not list(tmp_path.iterdir())
    assert len(server.seen) == 1
    assert "canary" not in str(error)


def test_redirects_are_followed_a_few_times_and_checked_each_time(web: Web, tmp_path: Path) -> None:
    def hop(seen: Any) -> int:
        return int(seen.target.rpartition("=")[2]) if "n=" in seen.target else 0

    def chain(length: int) -> Any:
        async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
            away = web.reply(302, location=f"/a.mp4?n={hop(seen) + 1}")
            await (away if hop(seen) < length else web.reply(200, MP4))(seen, writer)

        return answer

    assert fetch(web, chain(5), tmp_path)[0] is None
    error, server = fetch(web, chain(6), tmp_path)
    assert "redirects" in str(error)
    assert len(server.seen) == 6


@pytest.mark.parametrize(
    "location",
    [
        "http://127.0.0.1:9/a",
        "https://10.0.0.1/",
        "https://[::1]/",
        "file:///etc/passwd",
        "https://[bad",
        "gopher://x/",
    ],
)
def test_no_redirect_leads_inside(location: str, web: Web, tmp_path: Path) -> None:
    error, server = fetch(web, web.reply(302, location=location), tmp_path)
    assert isinstance(error, QueueError)
    assert "not used" in str(error)
    assert len(server.seen) == 1


def test_a_full_disk_is_known_beforehand(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(module.shutil, "disk_usage", lambda _: usage(100, 99, 1))
    error, _ = fetch(web, web.reply(200, MP4), tmp_path)
    assert isinstance(error, StoreError)
    assert not list(tmp_path.iterdir())


def test_whether_a_file_is_still_there(web: Web) -> None:
    async def scenario(answer: Any) -> bool:
        async with web.loopback(answer) as server:
            files = Files({origin_of(server.url)}, patience=Patience(1, 0.3, 0.3))
            return await files.is_there(f"{server.url}/a.mp4")

    assert asyncio.run(scenario(web.reply(200, MP4)))
    assert not asyncio.run(scenario(web.reply(404)))
    assert not asyncio.run(Files().is_there("https://127.0.0.1/a.mp4"))
    assert not asyncio.run(Files().is_there("data:image/png;base64,AAAA"))
