"""Finds the endpoint that serves a model, in Hugging Face's mapping from repositories to endpoints.

GET /api/models/{repo}?expand=inferenceProviderMapping
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.errors import NodeError
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.client import Call, Reply
from callsheet.nodes.huggingface.hosts import Hosts
from callsheet.nodes.queue.failure import failure_in
from callsheet.nodes.queue.protocol import QueueError

PROVIDER: Final = "fal-ai"
USES: Final = re.compile(r"hf/(?P<repo>[\w.-]+/[\w.-]+)@(?P<task>[\w-]+)\Z", re.ASCII)

Api = Callable[[Call], Awaitable[Reply]]


@dataclass(frozen=True, slots=True)
class Model:
    """`hf/<repo>@<task>`."""

    repo: str
    task: str


def model(uses: str) -> Model:
    """The model that `uses` names. Raises NodeError."""
    match = USES.match(uses)
    if match is None or ".." in match["repo"]:
        raise NodeError(f"{uses[:200]!r} is no model of Hugging Face", "rejected", "write hf/<repo>@<task>")
    return Model(match["repo"], match["task"])


async def provider_endpoint(hosts: Hosts, api: Api, wanted: Model) -> str:
    """The endpoint of fal that serves the model for its task.

    Raises NodeError (*rejected*) when there is none, QueueError when the mapping cannot be read now.
    """
    reply = await api(Call("GET", f"{hosts.hub}/api/models/{wanted.repo}?expand=inferenceProviderMapping"))
    entries = [e for e in _entries(_body(reply, wanted)) if e.get("task") == wanted.task]
    live = [e for e in entries if e.get("status", "live") != "error"]
    names = [e["providerId"] for e in live if isinstance(e.get("providerId"), str)]
    if not names:
        raise NodeError(
            f"Hugging Face names no {PROVIDER} endpoint for {wanted.repo} and {wanted.task}",
            "rejected",
            "choose another model, or use one of fal's endpoints directly",
        )
    return str(names[0])


def _body(reply: Reply, wanted: Model) -> Mapping[str, Any]:
    if reply.status == 200:
        try:
            return reply.json()
        except BodyError as flaw:
            raise QueueError(f"Hugging Face's reply {flaw}", "unavailable", passing=True) from flaw
    words = failure_in(reply).words
    if reply.status in (401, 403, 404):
        raise NodeError(
            f"Hugging Face does not show {wanted.repo}: {words or reply.status}",
            "rejected",
            "check the repository's name and what HF_TOKEN may see",
        )
    raise QueueError(f"Hugging Face answered {reply.status}: {words}", "unavailable", passing=True)


def _entries(body: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """The mapping comes as an object by provider, or as a list that names the provider in each entry."""
    mapping = body.get("inferenceProviderMapping")
    if isinstance(mapping, Mapping):
        found = [mapping.get(PROVIDER)]
    elif isinstance(mapping, list):
        found = [e for e in mapping if isinstance(e, Mapping) and e.get("provider") == PROVIDER]
    else:
        found = []
    return (entry for entry in found if isinstance(entry, Mapping))
