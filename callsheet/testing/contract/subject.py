"""The queue that is tested: how it is made, and what it is asked for."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from callsheet.nodes.queue.protocol import Accepted, Outcome, Outgoing, ProviderQueue
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import media_kinds
from callsheet.testing.contract.service import Answer, Service, Submits, reached

MakeQueue = Callable[[str], ProviderQueue]


@dataclass(frozen=True, slots=True)
class Subject:
    """queue: makes a queue that talks to the service at a URL. spec: the endpoint, params: what it is asked
    for. service: makes a service that nobody has asked anything yet."""

    queue: MakeQueue
    spec: NodeSpec
    params: Mapping[str, object]
    service: Callable[[], Answer]
    submits: Submits

    @contextmanager
    def reached(self) -> Iterator[Service]:
        """A fresh service, on loopback."""
        with reached(self.service(), self.submits) as service:
            yield service

    async def outgoing(self, queue: ProviderQueue) -> Outgoing:
        """The request, as a run would send it."""
        media = MediaUrls(queue.upload, queue.is_there, dict[str, str]())
        return await queue.outgoing(self.spec, self.params, media)

    async def submitted(self, queue: ProviderQueue, hook: Hook) -> Outcome:
        """The outcome of a submit."""
        return await queue.submit(await self.outgoing(queue), hook)

    async def accepted(self, queue: ProviderQueue) -> Accepted:
        """A request that the service took. Raises NotTaken."""
        try:
            outcome = await self.submitted(queue, Hook())
        except Exception as error:
            raise NotTaken(f"submit raised {error!r}") from error
        if not isinstance(outcome, Accepted):
            raise NotTaken(f"submit returned {outcome}")
        return outcome


class NotTaken(Exception):
    """Without any fault, the service did not take the request."""


class Hook:
    """`before_send` of a test. seen: how many submits the service had seen when it was awaited. veto: what it
    raises."""

    def __init__(self, service: Service | None = None, veto: Exception | None = None) -> None:
        self.service, self.veto = service, veto
        self.seen: list[int] = []

    async def __call__(self) -> None:
        self.seen.append(self.service.submitted if self.service else 0)
        if self.veto is not None:
            raise self.veto


def with_files(spec: NodeSpec, params: Mapping[str, object]) -> dict[str, object]:
    """The parameters of a test, each path as the media value that a run would give."""
    return {name: _value(spec, name, value) for name, value in params.items()}


def _value(spec: NodeSpec, name: str, value: object) -> object:
    if isinstance(value, list):
        return [_value(spec, name, part) for part in value]
    if not isinstance(value, Path):
        return value
    field = spec.inputs.get(name)
    kinds = media_kinds(field.type) if field else ()
    return Artifact(kinds[0] if kinds else "file", value, hashlib.sha256(value.read_bytes()).hexdigest())
