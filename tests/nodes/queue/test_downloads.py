"""Downloads: all of a file or none of it, within bounds, from where it says."""

from __future__ import annotations

import asyncio
import gzip
import zlib
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import CallsheetError, StoreError
from callsheet.nodes.queue import downloads as module
from callsheet.nodes.queue.downloads import Files, Patience, trouble
from callsheet.nodes.queue.protocol import ModelFailed, QueueError
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


def chunked(content: bytes, end: bytes = b"0\r\n\r\n") -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
        writer.write(b"%x\r\n%s\r\n" % (len(content), content) + end)

    return answer


def unmarked(content: bytes) -> Any:
    """A file that ends with its connection."""

    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\n" + content)
        await writer.drain()
        writer.close()

    return answer


PACKED = gzip.compress(MP4)
ALL = f"bytes 0-{len(MP4) - 1}/{len(MP4)}"
WHOLE: dict[str, Callable[[Web], Any]] = {
    "plain": lambda web: web.reply(200, MP4, content_type="video/mp4"),
    "all of it as a part": lambda web: web.reply(206, MP4, content_range=ALL),
    "with another good status": lambda web: web.reply(203, MP4),
    "packed": lambda web: web.reply(200, PACKED, content_encoding="gzip", content_type="video/mp4"),
    "packed in another way": lambda web: web.reply(200, zlib.compress(MP4), content_encoding="deflate"),
    "only said to be packed": lambda web: web.reply(200, MP4, content_encoding="gzip"),
    "said to be packed in no way": lambda web: web.reply(200, MP4, content_encoding="identity"),
    "said to be a page": lambda web: web.reply(200, MP4, content_type="text/html; charset=utf-8"),
    "said to be nothing": lambda web: web.reply(200, MP4, content_type=""),
    "in pieces": lambda web: chunked(MP4),
}


@pytest.mark.parametrize("name", WHOLE)
def test_a_whole_file_is_taken_however_it_comes(name: str, web: Web, tmp_path: Path) -> None:
    error, server = fetch(web, WHOLE[name](web), tmp_path)
    assert error is None
    assert (tmp_path / "a.mp4").read_bytes() == MP4
    assert len(server.seen) == 1


PASSING, GONE, USELESS = (True, False), (False, True), (False, False)
BROKEN: dict[str, tuple[tuple[bool, bool], Callable[[Web], Any]]] = {
    "not there": (GONE, lambda web: web.reply(404)),
    "forbidden": (GONE, lambda web: web.reply(403)),
    "expired": (GONE, lambda web: web.reply(410)),
    "busy": (PASSING, lambda web: web.reply(429, retry_after="3")),
    "broken": (PASSING, lambda web: web.reply(502)),
    "not ready": (PASSING, lambda web: web.reply(202, b"soon")),
    "nothing": (PASSING, lambda web: web.reply(204, content_length=None)),
    "a part": (PASSING, lambda web: web.reply(206, MP4[:9], content_range=f"bytes 0-8/{len(MP4)}")),
    "another part": (PASSING, lambda web: web.reply(206, MP4, content_range="bytes 9-99/100")),
    "a part of who knows what": (PASSING, lambda web: web.reply(206, MP4)),
    "empty": (USELESS, lambda web: web.reply(200)),
    "short": (PASSING, lambda web: web.reply(200, MP4, content_length="6000")),
    "without length": (PASSING, lambda web: unmarked(MP4)),
    "unfinished pieces": (PASSING, lambda web: chunked(MP4, b"")),
    "a page": (USELESS, lambda web: web.reply(200, b"<html>", content_type="text/html; charset=utf-8")),
    "a page that lies": (USELESS, lambda web: web.reply(200, b"<!DOCTYPE html>", content_type="video/mp4")),
    "a packed page": (USELESS, lambda web: web.reply(200, gzip.compress(b"<html>"), content_encoding="gzip")),
    "too large by its word": (USELESS, lambda web: web.reply(200, MP4, content_type="image/png")),
    "packed as nobody knows": (USELESS, lambda web: web.reply(200, MP4, content_encoding="br")),
    "packed and cut off": (USELESS, lambda web: web.reply(200, PACKED[:-9], content_encoding="gzip")),
    "packed and too large": (
        USELESS,
        lambda web: web.reply(200, gzip.compress(bytes(10**6)), content_encoding="gzip"),
    ),
    "silent": (PASSING, lambda web: streamed(web, LONG, b"", 9)),
    "trickling": (PASSING, lambda web: streamed(web, LONG, b"x", 0.02)),
    "endless": (USELESS, lambda web: streamed(web, CHUNKED, b"400\r\n" + bytes(1024) + b"\r\n", 0)),
}
LONG = b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


@pytest.mark.parametrize("name", BROKEN)
def test_anything_else_leaves_nothing(name: str, web: Web, tmp_path: Path) -> None:
    (passing, gone), answer = BROKEN[name]
    error, server = fetch(web, answer(web), tmp_path)
    assert isinstance(error, QueueError) and not isinstance(error, ModelFailed), error
    assert (error.passing, error.gone) == (passing, gone), error
    assert not list(tmp_path.iterdir())
    assert len(server.seen) == 1
    assert "canary" not in str(error)


@pytest.mark.parametrize("status", range(100, 1000))
def test_no_status_is_a_last_word(status: int) -> None:
    error = trouble(status, {})
    if status in (202, 204, 205, 206) or not 200 <= status < 300:
        assert error is not None and not isinstance(error, ModelFailed)
        assert str(status) in str(error) and error.passing != error.gone
    else:
        assert error is None


def test_a_file_whose_end_nothing_marks_has_to_come_twice(web: Web, tmp_path: Path) -> None:
    async def scenario(*contents: bytes) -> list[str]:
        answers = [unmarked(content) for content in contents]

        async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
            await answers.pop(0)(seen, writer)

        said = []
        async with web.loopback(answer) as server:
            files = Files({origin_of(server.url)}, patience=IMPATIENT)
            for _ in contents:
                try:
                    await files.fetch(f"{server.url}/a.mp4", tmp_path / "a.mp4", CAPS)
                    said.append("")
                except QueueError as error:
                    said.append("twice" if "fetched twice" in str(error) else str(error))
            await files.close()
        return said

    assert asyncio.run(scenario(MP4, MP4)) == ["twice", ""]
    assert asyncio.run(scenario(MP4[:70], MP4, MP4)) == ["twice", "twice", ""]
    assert (tmp_path / "a.mp4").read_bytes() == MP4


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
