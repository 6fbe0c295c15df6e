"""Finds who serves a model, and under which name, in Hugging Face's mapping of repositories.

GET /api/models/{repo}?expand=inferenceProviderMapping
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.errors import NodeError
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.message import Call, Reply
from callsheet.nodes.huggingface.hosts import Hosts
from callsheet.nodes.huggingface.served import FORMS
from callsheet.nodes.queue.failure import failure_in
from callsheet.nodes.queue.protocol import QueueError

PROVIDER: Final = "fal-ai"
PLAIN: Final = re.compile(r"[\w.-]+(/[\w.-]+)*(:\w+)?\Z", re.ASCII)
"""What a provider's name of a model looks like: it becomes a part of a URL."""
USES: Final = re.compile(r"hf/(?P<repo>[\w.-]+/[\w.-]+)@(?P<task>[\w-]+)\Z", re.ASCII)


@dataclass(frozen=True, slots=True)
class Served:
    """Who serves a model for a task, and what it is called there."""

    provider: str
    name: str


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


async def served_by(hosts: Hosts, api: Api, wanted: Model, others: bool) -> Served:
    """The provider that serves the model for its task: fal where it does, else the first whose form is known.

    others: whether another provider than fal can be used. Raises NodeError (*rejected*) when there is none,
    QueueError when the mapping cannot be read now.
    """
    reply = await api(Call("GET", f"{hosts.hub}/api/models/{wanted.repo}?expand=inferenceProviderMapping"))
    found = [served for served in _live(_body(reply, wanted), wanted.task) if PLAIN.match(served.name)]
    fal = [served for served in found if served.provider == PROVIDER]
    usable = [s for s in found if others and wanted.task in FORMS.get(s.provider, ())]
    if fal or usable:
        return (fal or usable)[0]
    known = ", ".join(dict.fromkeys(served.provider for served in found))
    raise NodeError(
        f"no provider that can be used here serves {wanted.repo} for {wanted.task}"
        + (f": it is served by {known}" if known else ""),
        "rejected",
        "choose another model, or use one of fal's endpoints directly",
    )


def _live(body: Mapping[str, Any], task: str) -> Iterator[Served]:
    """Who serves the model for the task now."""
    for provider, entry in _entries(body):
        name = entry.get("providerId")
        if entry.get("task") == task and entry.get("status", "live") != "error" and isinstance(name, str):
            yield Served(provider, name)


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


def _entries(body: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The mapping comes as an object by provider, or as a list that names the provider in each entry."""
    mapping = body.get("inferenceProviderMapping")
    if isinstance(mapping, Mapping):
        yield from ((str(name), entry) for name, entry in mapping.items() if isinstance(entry, Mapping))
    elif isinstance(mapping, list):
        yield from ((str(e.get("provider")), e) for e in mapping if isinstance(e, Mapping))
