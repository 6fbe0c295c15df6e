"""Hugging Face's chat route: what each reply to the one POST means, and what is in it."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from callsheet.errors import NodeError
from callsheet.nodes.huggingface.queue import HuggingFaceQueue
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Ambiguous,
    ModelFailed,
    Outgoing,
    QueueError,
    Refused,
)
from callsheet.nodes.queue.redacted import RedactedQueue
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.nodes.text.chat import SPEC, USES

TOKEN = "hf_canary5f1c"
CHOICE = {"message": {"role": "assistant", "content": "a lamp?x=1"}, "finish_reason": "stop"}
REPLY = {"id": "chatcmpl-1", "model": "x/y:z", "choices": [CHOICE], "usage": {"total_tokens": 12}}
Web = Any


async def nothing() -> None: ...


def asked(web: Web, answer: Any, environ: dict[str, str] | None = None) -> tuple[Any, Any]:
    """The outcome of one submit, and the server that answered it."""

    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(answer) as server:
            urls = {"CALLSHEET_HF_URL": server.url, "CALLSHEET_FAL_URL": server.url}
            queue = HuggingFaceQueue(environ={"HF_TOKEN": TOKEN, **(environ or {}), **urls})
            queue = RedactedQueue(queue, lambda: (TOKEN,))
            try:
                return await queue.submit(Outgoing(USES, '{"model":"x"}'), nothing), server
            finally:
                await queue.close()

    return asyncio.run(scenario())


def read(web: Web, reply: object) -> Any:
    """The outputs in a reply, or the error that it means."""
    outcome, _ = asked(web, web.json(reply))
    queue = HuggingFaceQueue(environ={"HF_TOKEN": TOKEN})
    result = asyncio.run(queue.result(USES, outcome))
    try:
        return queue.outputs(SPEC, result.raw, outcome.request_id)
    except QueueError as error:
        return error


def test_one_post_and_the_reply_is_the_result(web: Web) -> None:
    outcome, server = asked(web, web.json(REPLY))
    [seen] = server.seen
    assert (seen.method, seen.path) == ("POST", "/v1/chat/completions")
    assert seen.headers["authorization"] == f"Bearer {TOKEN}" and seen.json() == {"model": "x"}
    assert isinstance(outcome, Accepted)
    assert (outcome.request_id, outcome.response_url) == ("chatcmpl-1", IN_REPLY)
    assert json.loads(outcome.raw) == REPLY


def test_what_is_read_out_of_it(web: Web) -> None:
    outcome, _ = asked(web, web.json(REPLY))
    queue = HuggingFaceQueue(environ={"HF_TOKEN": TOKEN})
    result = asyncio.run(queue.result(USES, outcome))
    assert (result.billable_units, result.served_from) == (12.0, "x/y:z")
    assert queue.outputs(SPEC, result.raw, outcome.request_id) == {"text": "a lamp?x=1"}


@pytest.mark.parametrize("name", [None, 7, "", "a b", "x" * 500])
def test_without_a_usable_id_it_gets_one_of_ours(web: Web, name: object) -> None:
    first, _ = asked(web, web.json({**REPLY, "id": name}))
    second, _ = asked(web, web.json({**REPLY, "id": name}))
    assert first.request_id.startswith("reply-") and first.request_id != second.request_id


@pytest.mark.parametrize(
    ("status", "body", "kind", "stop", "says"),
    [
        (400, {"error": {"message": "no such model", "type": "x"}}, "rejected", "", "400: no such model"),
        (401, {"error": "Invalid credentials"}, "rejected", "auth", "not accepted: Invalid credentials"),
        (402, {"error": "You have exceeded your credits"}, "rejected", "funds", "cannot pay: You have"),
        (422, {"error": {"message": "bad schema"}}, "rejected", "", "422: bad schema"),
        (429, {"error": "slow down"}, "unavailable", "", "takes no more now: slow down"),
    ],
)
def test_refusals(web: Web, status: int, body: object, kind: str, stop: str, says: str) -> None:
    outcome, server = asked(web, web.json(body, status))
    assert isinstance(outcome, Refused) and (outcome.kind, outcome.stop) == (kind, stop)
    assert says in outcome.message and server.posts() == 1


@pytest.mark.parametrize(
    ("status", "body"), [(500, b"{}"), (503, b"busy"), (200, b"<html>"), (200, b"[1]"), (200, b"{")]
)
def test_doubts(web: Web, status: int, body: bytes) -> None:
    outcome, server = asked(web, web.reply(status, body))
    assert isinstance(outcome, Ambiguous) and not outcome.request_id and server.posts() == 1


@pytest.mark.parametrize(
    ("change", "kind", "says"),
    [
        ({"choices": None}, "failed", "answer is empty"),
        ({"choices": []}, "failed", "answer is empty"),
        ({"choices": [3]}, "failed", "answer is empty"),
        ({"choices": [{"message": {"content": None}}]}, "failed", "answer is empty"),
        ({"choices": [{"message": {"content": ["a"]}}]}, "failed", "answer is empty"),
        ({"choices": [{**CHOICE, "finish_reason": "length"}]}, "failed", "was cut off"),
        ({"choices": [{**CHOICE, "finish_reason": "content_filter"}]}, "rejected", "content filter"),
        (
            {"choices": [{"message": {"refusal": "I\x1b[31m can't"}}]},
            "rejected",
            "refuses to answer: I [31m can't",
        ),
    ],
)
def test_answers_that_are_none(web: Web, change: dict[str, object], kind: str, says: str) -> None:
    error = read(web, {**REPLY, **change})
    assert isinstance(error, QueueError) and error.kind == kind and says in error.message
    assert "chatcmpl-1" in error.message and error.next_step


def test_a_reply_that_repeats_the_token_does_not_keep_it(web: Web) -> None:
    outcome, _ = asked(web, web.json({**REPLY, "echo": TOKEN}))
    assert TOKEN not in outcome.raw and json.loads(outcome.raw)["choices"] == REPLY["choices"]


def test_an_adopted_id_brings_nothing() -> None:
    queue = HuggingFaceQueue(environ={"HF_TOKEN": TOKEN})
    with pytest.raises(QueueError, match="keeps no answers") as caught:
        asyncio.run(queue.result(USES, Accepted("abc", "", "", "")))
    assert caught.value.gone and not isinstance(caught.value, ModelFailed)


def test_a_key_of_fal_is_no_way_there(web: Web) -> None:
    async def prepared() -> object:
        queue = HuggingFaceQueue(environ={"FAL_KEY": "a:b"})
        try:
            return await queue.outgoing(SPEC, {"prompt": "x"}, MediaUrls(queue.upload, queue.is_there, {}))
        finally:
            await queue.close()

    with pytest.raises(NodeError, match="HF_TOKEN is not set"):
        asyncio.run(prepared())
