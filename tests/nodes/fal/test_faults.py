"""Every fault of a provider, at every step: the outcome foreseen, no other exception, one POST at most."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import CallsheetError
from callsheet.nodes.fal import hosts
from callsheet.nodes.fal.queue import FalQueue
from callsheet.nodes.queue import request_queue as requests
from callsheet.nodes.queue.downloads import Files, Patience
from callsheet.nodes.queue.protocol import Accepted, Ambiguous, NotSent, Outgoing, QueueError, Refused
from callsheet.nodes.queue.redacted import RedactedQueue
from callsheet.spec.web_origin import origin_of

ENDPOINT = "fal-ai/veo3.1/fast/image-to-video"
APP = "fal-ai/veo3.1"
ID = "7d1c2c4e-0001"
KEY = "canary-key-id:canary-key-secret"
SOON = 0.3
"""Seconds that a reply may take which never comes whole."""
PATIENT = 60.0
"""Seconds that any other may take, on a machine with much to do."""
NGINX = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(200)


def taken(url: str = "https://queue.fal.run") -> dict[str, object]:
    place = f"{url}/{APP}/requests/{ID}"
    urls = {"response_url": place, "status_url": f"{place}/status", "cancel_url": f"{place}/cancel"}
    return {"status": "IN_QUEUE", "request_id": ID, "queue_position": 0, "logs": None, **urls}


def good(step: str) -> dict[str, object]:
    """What the step would answer on a good day."""
    listed = {"items": [{"request_id": ID, "endpoint_id": ENDPOINT, "sent_at": "2026-11-21T10:00:00Z"}]}
    bodies: dict[str, dict[str, object]] = {
        "submit": taken(),
        "status": {**taken(), "status": "IN_PROGRESS"},
        "result": {"video": {"url": "https://v3.fal.media/files/a.mp4"}},
        "upload": {
            "token": "t",
            "token_type": "Bearer",
            "base_url": "x",
            "access_url": "https://v3.fal.media/a",
        },
        "listing": {**listed, "has_more": False},
        "download": {},
    }
    return bodies[step]


STEPS = ("submit", "status", "result", "upload", "listing", "download")
Web = Any
Make = Callable[[Web, str], Any]


def hang() -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        await asyncio.sleep(30)

    return answer


def reset(first: bytes = b"") -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(first)
        await writer.drain()
        writer.transport.abort()
        raise ConnectionResetError

    return answer


def trickle(start: bytes) -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(start)
        while True:
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    return answer


def endless(seen: Any = None) -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 10000000000\r\nContent-Type: image/png\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    return answer


def status_only(status: int, **headers: str) -> Make:
    return lambda web, step: web.json({"detail": "no"}, status, **headers)


def bomb() -> bytes:
    return gzip.compress(b'{"request_id": "' + b"0" * 64 * 1024 * 1024 + b'"}')


def changed(**fields: object) -> Make:
    return lambda web, step: web.json({k: v for k, v in {**good(step), **fields}.items() if v is not None})


def raw(body: bytes, status: int = 200, **headers: Any) -> Make:
    return lambda web, step: web.reply(status, body, **headers)


FAULTS: dict[str, tuple[Make, str]] = {
    "reset before any answer": (lambda w, s: reset(), "unknown"),
    "reset inside the headers": (lambda w, s: reset(b"HTTP/1.1 200 OK\r\nContent-"), "unknown"),
    "reset inside the body": (
        lambda w, s: reset(b'HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{"re'),
        "unknown",
    ),
    "no answer in time": (lambda w, s: hang(), "unknown"),
    "slow headers": (lambda w, s: trickle(b"HTTP/1.1 200 OK\r\nX-Slow: "), "unknown"),
    "slow body": (lambda w, s: trickle(b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n{"), "unknown"),
    "not HTTP": (lambda w, s: reset(b"SSH-2.0-OpenSSH_9.6\r\n\r\n\r\n"), "unknown"),
    **{
        str(code): (status_only(code), "refused")
        for code in (400, 401, 402, 403, 404, 405, 410, 413, 415, 422)
    },
    **{str(code): (status_only(code), "unknown") for code in (408, 409, 425, 499, 500, 501, 503, 504, 520)},
    "429": (status_only(429), "refused"),
    "429 in seconds": (status_only(429, retry_after="7"), "refused"),
    "429 with a date": (status_only(429, retry_after="Wed, 21 Oct 2037 07:28:00 GMT"), "refused"),
    "429 in the past": (status_only(429, retry_after="-5"), "refused"),
    "429 for ever": (status_only(429, retry_after="1e99"), "refused"),
    "429 with nonsense": (status_only(429, retry_after="soon"), "refused"),
    "502 of a gateway": (raw(NGINX, 502, content_type="text/html"), "unknown"),
    "504 not started": (status_only(504, x_fal_request_timeout_type="user"), "refused"),
    "200 and empty": (raw(b""), "unknown"),
    "200 and truncated": (raw(b'{"request_id": "7d1'), "unknown"),
    "200 and HTML": (raw(NGINX, content_type="text/html"), "unknown"),
    "200 and a list": (raw(b"[1, 2]"), "unknown"),
    "200 and not UTF-8": (raw(b'{"request_id": "\xff\xfe"}'), "unknown"),
    "200 and NaN": (raw(b'{"request_id": NaN}'), "unknown"),
    "200 and deep": (raw(b'{"a":' * 5000 + b"1" + b"}" * 5000), "unknown"),
    "200 and a name twice": (raw(b'{"request_id": "a", "request_id": "b"}'), "unknown"),
    "200 and huge numbers": (raw(b'{"request_id": ' + b"9" * 5000 + b"}"), "unknown"),
    "204": (raw(b"", 204, content_length=None), "unknown"),
    "no id": (changed(request_id=None), "unknown"),
    "an id that is a path": (changed(request_id="../../keys"), "unknown"),
    "an id that is a number": (changed(request_id=7), "unknown"),
    "10 GB": (lambda w, s: endless(), "unknown"),
    "a gzip bomb": (lambda w, s: w.reply(200, bomb(), content_encoding="gzip"), "unknown"),
    "unknown packing": (raw(b"{}", content_encoding="br"), "unknown"),
    "a length too long": (raw(b"{}", content_length="500"), "unknown"),
    "two lengths": (
        lambda w, s: reset(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n{}"),
        "unknown",
    ),
}
SLOW = {"no answer in time", "slow headers", "slow body", "10 GB", "a length too long"}
REDIRECTS = (301, 302, 303, 307, 308)


Wait = Callable[[float], None]


@pytest.fixture
def wait(monkeypatch: pytest.MonkeyPatch) -> Wait:
    """Sets how many seconds any reply may take."""

    def seconds(most: float) -> None:
        for name in ("POLL_SECONDS", "RESULT_SECONDS", "SUBMIT_SECONDS"):
            monkeypatch.setattr(requests, name, most)
        monkeypatch.setattr("callsheet.nodes.fal.upload.SECONDS", most)
        monkeypatch.setattr("callsheet.nodes.fal.upload.ASK_SECONDS", most)
        monkeypatch.setattr("callsheet.nodes.fal.listing.SECONDS", most)

    return seconds


def queue_at(url: str) -> RedactedQueue:
    at = hosts.at(origin_of(url))
    seconds = requests.SUBMIT_SECONDS
    files = Files(at.trusted, patience=Patience(seconds=seconds, silent=seconds))
    queue = FalQueue(at, {"FAL_KEY": KEY}, submit_seconds=seconds, files=files)
    return RedactedQueue(queue, lambda: (KEY,))


async def perform(queue: RedactedQueue, step: str, url: str, folder: Path) -> object:
    accepted = Accepted(ID, "", "", "")
    picture = folder / "in.png"
    picture.write_bytes(PNG)

    async def before_send() -> None:
        (folder / "sending").touch()

    match step:
        case "submit":
            return await queue.submit(Outgoing(ENDPOINT, '{"prompt":"x"}'), before_send)
        case "status":
            return await queue.status(ENDPOINT, accepted)
        case "result":
            return await queue.result(ENDPOINT, accepted)
        case "upload":
            return await queue.upload(picture)
        case "listing":
            return await queue.find(ENDPOINT, 0.0)
    return await queue.download(f"{url}/files/a.mp4", folder / "a.mp4")


def run(web: Web, answer: Any, step: str, folder: Path) -> tuple[object, Any]:
    async def scenario() -> tuple[object, Any]:
        async with web.loopback(answer) as server:
            queue = queue_at(server.url)
            try:
                return await perform(queue, step, server.url, folder), server
            except CallsheetError as error:
                return error, server
            finally:
                await queue.close()

    return asyncio.run(scenario())


@pytest.mark.parametrize("fault", FAULTS)
def test_a_submit_has_one_post_and_the_outcome_foreseen(
    fault: str, web: Web, tmp_path: Path, wait: Wait
) -> None:
    wait(SOON if fault in SLOW else PATIENT)
    make, foreseen = FAULTS[fault]
    outcome, server = run(web, make(web, "submit"), "submit", tmp_path)
    assert server.posts() <= 1
    assert isinstance(outcome, {"unknown": Ambiguous, "refused": Refused}[foreseen]), outcome
    assert (tmp_path / "sending").exists()
    assert "canary" not in repr(outcome)


@pytest.mark.parametrize("step", STEPS[1:])
@pytest.mark.parametrize("fault", FAULTS)
def test_every_other_step_fails_with_a_queue_error(
    fault: str, step: str, web: Web, tmp_path: Path, wait: Wait
) -> None:
    wait(SOON if fault in SLOW else PATIENT)
    make, _ = FAULTS[fault]
    outcome, server = run(web, make(web, step), step, tmp_path)
    if not isinstance(outcome, QueueError):
        assert fault in harmless(step), outcome
    assert not list(tmp_path.glob("a.mp4*")) or fault in harmless(step)
    assert not any(seen.path == f"/{ENDPOINT}" for seen in server.seen)
    assert "canary" not in f"{outcome}{getattr(outcome, 'next_step', '')}"


def harmless(step: str) -> set[str]:
    """Faults of a body's meaning are none where the step does not look at it."""
    ids = {"no id", "an id that is a path", "an id that is a number"}
    if step == "download":
        bodies = {name for name in FAULTS if name.startswith("200 and")} - {"200 and HTML", "200 and empty"}
        return bodies | ids | {"a gzip bomb"}  # a file may be larger than 64 MB
    if step == "result":
        return ids | {"200 and NaN", "200 and huge numbers", "200 and a name twice", "200 and not UTF-8"}
    return {"status": {"no id"}, "listing": ids, "upload": ids}[step]


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("code", REDIRECTS)
def test_no_redirect_takes_the_key_along(step: str, code: int, web: Web, tmp_path: Path) -> None:
    async def scenario() -> tuple[object, Any, Any]:
        async with web.loopback(web.json({})) as foreign, web.loopback(None) as server:
            server.answer = web.reply(code, location=f"{foreign.url}/stolen")
            queue = queue_at(server.url)
            try:
                return await perform(queue, step, server.url, tmp_path), server, foreign
            except QueueError as error:
                return error, server, foreign
            finally:
                await queue.close()

    outcome, server, foreign = asyncio.run(scenario())
    assert isinstance(outcome, Ambiguous if step == "submit" else QueueError)
    assert not foreign.seen
    assert server.posts() <= (2 if step == "upload" else 1)


def test_nobody_there_means_not_sent(tmp_path: Path, web: Web) -> None:
    async def scenario() -> object:
        async with web.loopback(hang()) as server:
            url = server.url
        queue = queue_at(url)
        return await perform(queue, "submit", url, tmp_path)

    assert isinstance(asyncio.run(scenario()), NotSent)
    assert not (tmp_path / "sending").exists()


def test_a_server_without_its_certificate_means_not_sent(
    tmp_path: Path, web: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("callsheet.nodes.http.client.CONNECT_SECONDS", SOON)  # for what is no greeting of TLS

    async def scenario() -> tuple[object, int]:
        async with web.loopback(hang()) as server:
            queue = queue_at(server.url.replace("http:", "https:"))
            return await perform(queue, "submit", server.url, tmp_path), len(server.seen)

    outcome, seen = asyncio.run(scenario())
    assert isinstance(outcome, NotSent)
    assert seen == 0
    assert not (tmp_path / "sending").exists()


def test_the_matrix_is_as_large_as_claimed() -> None:
    assert (len(FAULTS) + len(REDIRECTS)) * len(STEPS) >= 300
    assert json.loads(json.dumps(good("submit")))["request_id"] == ID
