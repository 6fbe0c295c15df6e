"""What the other providers behind the router are sent, and replies that are the medium itself."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from callsheet.nodes.http.data_uri import decode
from callsheet.nodes.huggingface.queue import HuggingFaceQueue
from callsheet.nodes.huggingface.served import FORMS
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Ambiguous,
    ModelFailed,
    Outcome,
    Outgoing,
    QueueError,
    Refused,
)
from callsheet.nodes.registry import Registry

VIDEO = b"\x00\x00\x00\x18ftypmp42" + b"\x00" * 300
PNG = b"\x89PNG\r\n\x1a\n" + b"\x00" * 200
Web = Any


async def nothing() -> None: ...


def uses(task: str) -> str:
    return f"hf/acme/waves@{task}"


def asked(web: Web, served: str, task: str, reply: Any, action: Any) -> tuple[Any, Any]:
    """What `action` gives with a queue whose model is served by `served`, and the server that it asked."""
    entry = {"status": "live", "providerId": "acme/waves-1", "task": task}

    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        if seen.path.startswith("/api/models/"):
            await web.json({"inferenceProviderMapping": {served: entry}})(seen, writer)
        else:
            await reply(seen, writer)

    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(answer) as server:
            queue = HuggingFaceQueue(environ={"HF_TOKEN": "hf_canary", "CALLSHEET_HF_URL": server.url})
            try:
                return await action(queue), server
            except QueueError as error:
                return error, server
            finally:
                await queue.close()

    return asyncio.run(scenario())


def submitted(web: Web, served: str, task: str, reply: Any, **values: Any) -> tuple[Outcome, Any]:
    body = json.dumps({"prompt": "waves", **values})
    outcome, server = asked(
        web, served, task, reply, lambda queue: queue.submit(Outgoing(uses(task), body), nothing)
    )
    return outcome, server.seen[-1]


@pytest.mark.parametrize("served", ["fal-ai", "hf-inference", "novita", "wavespeed"])
def test_two_parameters_are_headers(served: str, web: Web) -> None:
    given = {"x-use-cache": False, "x-wait-for-model": True}
    _, seen = submitted(web, served, "text-to-video", web.json({}), **given)
    assert seen.headers["x-use-cache"] == "false" and seen.headers["x-wait-for-model"] == "true"
    assert not set(given) & set(json.loads(seen.body)) and seen.headers["authorization"] == "Bearer hf_canary"
    _, seen = submitted(web, served, "text-to-video", web.json({}))
    assert not [name for name in seen.headers if name.startswith(("x-use", "x-wait"))]


@pytest.mark.parametrize("served", ["fal-ai", "hf-inference", "replicate"])
@pytest.mark.parametrize(("task", "data"), [("text-to-video", VIDEO), ("text-to-image", PNG)])
def test_bytes_in_the_reply_are_the_result(served: str, task: str, data: bytes, web: Web) -> None:
    outcome, _ = submitted(web, served, task, web.reply(200, data, content_type="application/octet-stream"))
    assert isinstance(outcome, Accepted) and outcome.response_url == IN_REPLY

    async def read(queue: HuggingFaceQueue) -> Any:
        spec = Registry().find(uses(task))
        assert spec is not None
        found = await queue.result(spec.uses, outcome)
        return queue.outputs(spec, found.raw, outcome.request_id)

    made, _ = asked(web, served, task, web.json({}), read)
    (remote,) = made.values()
    assert decode(remote.url) == data and remote.kind == task.rpartition("-to-")[2]


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        ((200, b"{}", "application/json"), Ambiguous),
        ((200, b"<html>", "text/html"), Ambiguous),
        ((200, json.dumps({"id": "../x"}).encode(), "application/json"), Ambiguous),
        ((502, b"", "text/plain"), Ambiguous),
        ((422, b'{"error": "no"}', "application/json"), Refused),
        ((402, b'{"error": "no credits"}', "application/json"), Refused),
    ],
)
@pytest.mark.parametrize("served", ["replicate", "together", "wavespeed", "novita", "hf-inference"])
def test_what_is_neither_a_result_nor_a_job_is_in_doubt(
    served: str, reply: tuple[int, bytes, str], kind: type, web: Web
) -> None:
    outcome, _ = submitted(web, served, "text-to-video", web.reply(reply[0], reply[1], content_type=reply[2]))
    assert isinstance(outcome, kind)


def test_a_job_is_asked_for_at_the_router_alone(web: Web) -> None:
    taken = {"id": "p1", "status": "starting", "urls": {"get": "https://evil.example/p1"}}
    outcome, _ = submitted(web, "replicate", "text-to-video", web.json(taken, 201))
    assert isinstance(outcome, Accepted) and outcome.status_url.endswith("/replicate/v1/predictions/p1")
    assert outcome.status_url.startswith("http://127.0.0.1:")


STATES = [
    ("replicate", {"status": "processing"}, "running", None),
    ("replicate", {"status": "aborted", "error": "no memory"}, "failed", "no memory"),
    ("replicate", {"status": "succeeded", "output": ["https://a.example/v.mp4"]}, "completed", None),
    ("together", {"status": "queued"}, "queued", None),
    ("together", {"status": "failed", "error": {"message": "bad"}}, "failed", "bad"),
    ("wavespeed", {"data": {"status": "created"}}, "queued", None),
    ("wavespeed", {"data": {"status": "failed", "error": "nsfw"}}, "failed", "nsfw"),
    ("wavespeed", {"data": {"status": "dreaming"}}, "running", None),
]


@pytest.mark.parametrize(("served", "body", "state", "why"), STATES)
def test_where_a_job_is(served: str, body: dict[str, Any], state: str, why: str | None, web: Web) -> None:
    poll = next(form.poll for form in FORMS[served].values() if form.poll).format(id="p1")

    async def look(queue: HuggingFaceQueue) -> Any:
        url = f"{queue.hosts.router}/{served}{poll}"
        accepted = Accepted("p1", url, url, "")
        status = await queue.status(uses("text-to-video"), accepted)
        try:
            return status, await queue.result(uses("text-to-video"), accepted)
        except QueueError as error:
            return status, error

    (status, came), server = asked(web, served, "text-to-video", web.json(body), look)
    assert status.state == state and status.failure == (why or "")
    assert [seen.path for seen in server.seen] == [f"/{served}{poll}"] * 2
    if why:
        assert isinstance(came, ModelFailed) and came.certain and why in came.message
    elif state == "completed":
        assert json.loads(came.raw) == {"video": "https://a.example/v.mp4"}
    else:
        assert isinstance(came, QueueError) and came.passing and not isinstance(came, ModelFailed)


def test_a_result_that_comes_as_bytes_is_read_from_the_queue_too(web: Web) -> None:
    from callsheet.nodes.fal.queue import FalQueue

    async def scenario() -> Any:
        async with web.loopback(web.reply(200, VIDEO, content_type="")) as server:
            queue = FalQueue(environ={"FAL_KEY": "id:canary", "CALLSHEET_FAL_URL": server.url})
            try:
                place = f"{server.url}/fal-ai/x/requests/r1"
                return await queue.result("fal-ai/x", Accepted("r1", f"{place}/status", place, ""))
            finally:
                await queue.close()

    assert decode(json.loads(asyncio.run(scenario()).raw)["video"]) == VIDEO
