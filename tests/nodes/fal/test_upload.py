"""Files on their way to fal: each credential to its own server and to no other."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from callsheet.nodes.fal import hosts, upload
from callsheet.nodes.fal.queue import FalQueue
from callsheet.nodes.queue.protocol import QueueError
from callsheet.spec.web_origin import origin_of

KEY = "canary-key-id:canary-key-secret"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4
URL = "https://v3.fal.media/files/b/x.png"
TOKEN = {"token": "cdn-token", "token_type": "Bearer", "base_url": "https://evil.example", "expires_at": "x"}
Web = Any


def fal(web: Web, signed: str, broken: tuple[str, ...] = ()) -> Any:
    """The storage half of fal; paths in `broken` answer 500."""

    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        place = seen.path
        if place in broken:
            await web.json({"detail": "no"}, 500)(seen, writer)
            return
        own = f"http://{seen.headers['host']}"
        replies = {
            "/storage/auth/token": web.json(TOKEN),
            "/files/upload": web.json({"access_url": URL}),
            "/files/upload/multipart": web.json({"access_url": f"{own}/files/b/x.png", "uploadId": "up1"}),
            "/storage/upload/initiate": web.json({"upload_url": signed, "file_url": URL}),
        }
        await replies.get(place, web.reply(200, b"", etag=f'"{place[-1]}"'))(seen, writer)

    return answer


def send(web: Web, folder: Path, broken: tuple[str, ...] = (), signed: str = "") -> tuple[Any, Any, Any]:
    """What the upload gives, what fal saw and what the signed URL's server saw."""
    picture = folder / "secret-project.png"
    picture.write_bytes(PNG)

    async def scenario() -> tuple[Any, Any, Any]:
        async with web.loopback(web.reply(200)) as other, web.loopback(None) as server:
            server.answer = fal(web, signed or f"{other.url}/bucket/x?X-Signature=abc", broken)
            own = hosts.at(origin_of(server.url))
            trusted = frozenset((origin_of(server.url), origin_of(other.url)))
            at = hosts.Hosts(own.queue, own.rest, own.cdn, own.platform, trusted)
            queue = FalQueue(at, {"FAL_KEY": KEY}, lifetime=3600)
            try:
                return await queue.upload(picture), server.seen, other.seen
            except QueueError as error:
                return error, server.seen, other.seen
            finally:
                await queue.close()

    return asyncio.run(scenario())


def test_the_cdn_gets_its_token_and_not_the_key(web: Web, tmp_path: Path) -> None:
    url, (token, file), _ = send(web, tmp_path)
    assert url == URL
    assert token.headers["authorization"] == f"Key {KEY}"
    assert file.headers["authorization"] == "Bearer cdn-token"
    assert file.headers["content-type"] == "image/png"
    assert file.headers["x-fal-object-lifecycle"] == '{"expiration_duration_seconds": 3600}'
    assert "secret-project" not in str(file.headers)
    assert file.body == PNG


def test_a_signed_url_gets_no_credential(web: Web, tmp_path: Path) -> None:
    url, seen, (put,) = send(web, tmp_path, broken=("/storage/auth/token",))
    assert url == URL
    assert [s.path for s in seen] == ["/storage/auth/token", "/storage/upload/initiate"]
    assert (put.method, put.target, put.body) == ("PUT", "/bucket/x?X-Signature=abc", PNG)
    assert "authorization" not in put.headers
    assert "canary" not in str(put)


def test_the_cdn_that_fails_is_replaced_by_a_signed_url(web: Web, tmp_path: Path) -> None:
    url, _, puts = send(web, tmp_path, broken=("/files/upload",))
    assert url == URL
    assert len(puts) == 1


@pytest.mark.parametrize(
    "signed", ["https://10.0.0.1/x", "http://example.com/x", "file:///x", "https://u:p@x.io/x"]
)
def test_a_signed_url_to_nowhere_good_is_not_used(signed: str, web: Web, tmp_path: Path) -> None:
    error, _, puts = send(web, tmp_path, broken=("/storage/auth/token",), signed=signed)
    assert isinstance(error, QueueError)
    assert not puts


def test_large_files_go_in_parts(web: Web, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(upload, "FROM_PARTS", 1000)
    monkeypatch.setattr(upload, "PART", 500)
    url, seen, _ = send(web, tmp_path)
    assert url.endswith("/files/b/x.png")
    parts = [s for s in seen if s.method == "PUT"]
    assert [s.path for s in parts] == [f"/files/b/x.png/multipart/up1/{n}" for n in (1, 2, 3)]
    assert b"".join(s.body for s in parts) == PNG
    assert seen[-1].json() == {"parts": [{"partNumber": n, "etag": f'"{n}"'} for n in (1, 2, 3)]}
    assert all(s.headers["authorization"] == "Bearer cdn-token" for s in seen[1:])


def test_a_refused_key_is_not_tried_another_way(web: Web, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(PNG)

    async def scenario() -> Any:
        async with web.loopback(web.json({"detail": "no"}, 401)) as server:
            queue = FalQueue(hosts.at(origin_of(server.url)), {"FAL_KEY": KEY})
            with pytest.raises(QueueError) as caught:
                await queue.upload(picture)
            await queue.close()
            return caught.value, server.seen

    error, seen = asyncio.run(scenario())
    assert error.kind == "rejected"
    assert len(seen) == 1
