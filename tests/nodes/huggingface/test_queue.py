"""Hugging Face over the same protocol: the router with a token, fal itself with a key of fal."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import NodeError
from callsheet.nodes.huggingface.model import model
from callsheet.nodes.huggingface.parameters import translated
from callsheet.nodes.huggingface.queue import HuggingFaceQueue
from callsheet.nodes.queue.protocol import Accepted, NotSent, Outgoing, QueueError, Refused
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.nodes.queue.result import Remote
from callsheet.nodes.registry import Registry
from callsheet.spec.media import Artifact

USES = "hf/Wan-AI/Wan2.1-T2V-14B@text-to-video"
SERVED = "fal-ai/wan-t2v/turbo"
ID = "rq-1"
TOKEN = {"HF_TOKEN": "hf_canary"}
ENTRY = {"status": "live", "providerId": SERVED, "task": "text-to-video"}
FAL_PLACE = f"https://queue.fal.run/fal-ai/wan-t2v/requests/{ID}"
TAKEN = {
    "request_id": ID,
    "status": "IN_QUEUE",
    "status_url": f"{FAL_PLACE}/status",
    "response_url": FAL_PLACE,
    "cancel_url": "https://evil.example/cancel",
}
Web = Any


async def nothing() -> None: ...


def provider(web: Web, mapping: object, status: int = 200) -> Any:
    async def answer(seen: Any, writer: asyncio.StreamWriter) -> None:
        if seen.path.startswith("/api/models/"):
            await web.json({"id": "x", "inferenceProviderMapping": mapping}, status)(seen, writer)
            return
        await web.json(TAKEN if seen.method == "POST" else {"status": "IN_PROGRESS", "request_id": ID})(
            seen, writer
        )

    return answer


def run(web: Web, answer: Any, action: Any, environ: Mapping[str, str] = TOKEN) -> tuple[Any, Any]:
    async def scenario() -> tuple[Any, Any]:
        async with web.loopback(answer) as server:
            urls = {"CALLSHEET_HF_URL": server.url, "CALLSHEET_FAL_URL": server.url}
            queue = HuggingFaceQueue(environ={**environ, **urls})
            try:
                return await action(queue), server
            except (NodeError, QueueError) as error:
                return error, server
            finally:
                await queue.close()

    return asyncio.run(scenario())


async def whole(queue: HuggingFaceQueue) -> Accepted:
    """A submit and one of each request that follows."""
    taken = await queue.submit(Outgoing(USES, '{"prompt":"x"}'), nothing)
    assert isinstance(taken, Accepted), taken
    await queue.status(USES, taken)
    await queue.result(USES, taken)
    await queue.cancel(USES, taken)
    return taken


@pytest.mark.parametrize(
    "mapping", [{"fal-ai": ENTRY}, [{"provider": "other"}, {"provider": "fal-ai", **ENTRY}]]
)
def test_through_the_router_with_a_token(mapping: object, web: Web) -> None:
    taken, server = run(web, provider(web, mapping), whole)
    requests = f"/fal-ai/fal-ai/wan-t2v/requests/{ID}"
    assert [f"{s.method} {s.target}" for s in server.seen] == [
        "GET /api/models/Wan-AI/Wan2.1-T2V-14B?expand=inferenceProviderMapping",
        f"POST /fal-ai/{SERVED}?_subdomain=queue",
        f"GET {requests}/status?_subdomain=queue",
        f"GET {requests}?_subdomain=queue",
        f"PUT {requests}/cancel?_subdomain=queue",
    ]
    assert {s.headers["authorization"] for s in server.seen} == {"Bearer hf_canary"}
    assert taken.request_id == ID


def test_a_later_process_needs_no_look_up(web: Web) -> None:
    taken, server = run(web, provider(web, {"fal-ai": ENTRY}), whole)
    target = taken.status_url.removeprefix(server.url)

    async def again(queue: HuggingFaceQueue) -> object:
        own = str(queue.hosts.router) + target
        return await queue.status(USES, Accepted(ID, own, own, own))

    status, server = run(web, provider(web, {}), again)
    assert status.state == "running"
    assert [s.target for s in server.seen] == [target]


def test_a_key_of_fal_goes_to_fal_alone(web: Web) -> None:
    _, server = run(web, provider(web, {"fal-ai": ENTRY}), whole, {"FAL_KEY": "id:canary"})
    assert [s.path for s in server.seen[1:]] == [
        f"/{SERVED}",
        f"/fal-ai/wan-t2v/requests/{ID}/status",
        f"/fal-ai/wan-t2v/requests/{ID}",
        f"/fal-ai/wan-t2v/requests/{ID}/cancel",
    ]
    assert "authorization" not in server.seen[0].headers
    assert {s.headers["authorization"] for s in server.seen[1:]} == {"Key id:canary"}


def test_the_mapping_is_asked_once(web: Web) -> None:
    async def twice(queue: HuggingFaceQueue) -> None:
        await whole(queue)
        await whole(queue)

    _, server = run(web, provider(web, {"fal-ai": ENTRY}), twice)
    assert sum(s.path.startswith("/api") for s in server.seen) == 1


@pytest.mark.parametrize(
    "mapping",
    [
        None,
        {},
        [],
        {"fal-ai": {**ENTRY, "status": "error"}},
        {"fal-ai": {**ENTRY, "task": "x"}},
        {"fireworks-ai": ENTRY},
        7,
    ],
)
def test_a_model_that_nobody_serves_is_refused_before_anything_is_sent(mapping: object, web: Web) -> None:
    outcome, server = run(web, provider(web, mapping), lambda q: q.submit(Outgoing(USES, "{}"), nothing))
    assert isinstance(outcome, Refused)
    assert (outcome.kind, outcome.stop) == ("rejected", "")
    assert server.posts() == 0


@pytest.mark.parametrize("status", [500, 429, 302])
def test_a_hub_that_does_not_answer_means_not_sent(status: int, web: Web) -> None:
    answer = provider(web, {"fal-ai": ENTRY}, status)
    outcome, server = run(web, answer, lambda q: q.submit(Outgoing(USES, "{}"), nothing))
    assert isinstance(outcome, NotSent)
    assert server.posts() == 0


def test_an_endpoint_that_is_a_trap_is_not_used(web: Web) -> None:
    trap = {"fal-ai": {**ENTRY, "providerId": "../../evil?x="}}
    outcome, server = run(web, provider(web, trap), lambda q: q.submit(Outgoing(USES, "{}"), nothing))
    assert isinstance(outcome, Refused)
    assert server.posts() == 0


def test_without_any_key_nothing_is_sent(web: Web) -> None:
    outcome, server = run(web, provider(web, {}), lambda q: q.submit(Outgoing(USES, "{}"), nothing), {})
    assert isinstance(outcome, Refused)
    assert outcome.stop == "auth"
    assert "HF_TOKEN" in outcome.message
    assert "--preview" in outcome.next_step
    assert not server.seen


def test_the_parameters_of_the_task_in_the_providers_names() -> None:
    params = {
        "inputs": "a walk",
        "num_frames": 81.0,
        "guidance_scale": 5.0,
        "negative_prompt": ["blur", "text"],
        "num_inference_steps": 30,
        "seed": 7,
    }
    assert translated(params, "text-to-video") == {
        "prompt": "a walk",
        "num_frames": 81,
        "guidance_scale": 5.0,
        "negative_prompt": "blur, text",
        "num_inference_steps": 30,
        "seed": 7,
    }
    sized = translated({"inputs": "x", "width": 640, "height": 480}, "text-to-image")
    assert sized == {"prompt": "x", "image_size": {"width": 640, "height": 480}}


def test_a_picture_travels_inside_the_request_where_there_is_no_storage(web: Web, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n")
    spec = Registry().find("hf/a/b@image-to-video")
    assert spec is not None
    uploads: dict[str, str] = {}

    async def build(queue: HuggingFaceQueue) -> Outgoing:
        params = {"inputs": Artifact("image", picture, "d1"), "prompt": "go"}
        return await queue.outgoing(spec, params, MediaUrls(queue.upload, queue.is_there, uploads))

    outgoing, server = run(web, provider(web, {}), build)
    assert outgoing.endpoint == "hf/a/b@image-to-video"
    assert json.loads(outgoing.body) == {"image_url": "data:image/png;base64,iVBORw0KGgo=", "prompt": "go"}
    assert not uploads
    assert not server.seen


def test_results_as_the_task_promises_them() -> None:
    queue = HuggingFaceQueue(environ=TOKEN)
    video, image = Registry().find(USES), Registry().find("hf/a/b@text-to-image")
    assert video is not None
    assert image is not None
    url = "https://v3.fal.media/a"
    found = queue.outputs(video, json.dumps({"video": {"url": url}}), ID)
    assert found == {"video": Remote("video", url)}
    found = queue.outputs(image, json.dumps({"images": [{"url": url}]}), ID)
    assert found == {"image": Remote("image", url)}
    assert queue.outputs(video, "{}", ID) == {}
    with pytest.raises(QueueError, match=ID):
        queue.outputs(video, "{", ID)


def test_what_can_be_found_again_depends_on_who_pays() -> None:
    assert HuggingFaceQueue(environ=TOKEN).recovery == "none"
    assert HuggingFaceQueue(environ={"FAL_KEY": "a:b"}).recovery == "listing"
    with pytest.raises(QueueError, match="lists no requests"):
        asyncio.run(HuggingFaceQueue(environ=TOKEN).find(USES, 0.0))


@pytest.mark.parametrize("uses", ["hf/x@y", "hf/a/b", "hf/a/../b@t", "hf/a/b@t?x", "hf/a/..@t", ""])
def test_what_is_no_model(uses: str) -> None:
    with pytest.raises(NodeError):
        model(uses)
