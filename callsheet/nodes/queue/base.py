"""What queues of all providers have in common: bodies, outputs, files up and down."""

from __future__ import annotations

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.http import data_uri as datauri
from callsheet.nodes.http.body import MEGABYTE
from callsheet.nodes.media.content_type import content_type
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.protocol import (
    Accepted,
    BeforeSend,
    Found,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Recovery,
    Status,
)
from callsheet.nodes.queue.request_body import MediaUrls, body
from callsheet.nodes.queue.result import outputs
from callsheet.spec.node import NodeSpec
from callsheet.spec.web_origin import Origin

LARGEST_INLINE: Final = 8 * MEGABYTE


class BaseQueue(ABC):
    """Implements `ProviderQueue` but for the four requests: submit, status, result and cancel.

    files: downloads results; by default from public https addresses only.
    As it is, a node's parameters are the body of its request, input files travel inside of it, a result is
    a JSON object with the node's outputs, and a lost request cannot be found again. Override what differs.
    """

    name: str
    recovery: Recovery = "none"

    def __init__(self, files: Files | None = None) -> None:
        self.files = files or Files()

    @abstractmethod
    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        """Send exactly one POST, after `await before_send()`; never repeat it, and return what is certain."""

    @abstractmethod
    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        """Where the request is. Raises QueueError."""

    @abstractmethod
    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        """The result of a completed request. Raises QueueError; ModelFailed when the model failed."""

    @abstractmethod
    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        """Cancel the request; one that is over already, or gone, is no error. Raises QueueError."""

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        """The request of a node, as it will be sent: params with media as `Artifact`. Raises NodeError."""
        return Outgoing(spec.uses, await body(params, media))

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        """The node's outputs in a raw result, `Remote` where media is. Raises QueueError."""
        try:
            return outputs(raw, spec.outputs, self.files.trusted)
        except (ValueError, RecursionError):
            raise QueueError(f"the result of request {request_id} is no JSON", "unavailable") from None

    async def upload(self, path: Path) -> str:
        """The file as a data URI of at most 8 MB. Raises NodeError."""
        return await asyncio.to_thread(inline, path, self.name)

    async def is_there(self, url: str) -> bool:
        """Whether a file that was uploaded earlier can still be fetched at `url`."""
        return await self.files.is_there(url)

    async def download(self, url: str, to: Path) -> None:
        """Fetch one result file, from where its URL says or out of the data URI that it is."""
        if not url.startswith("data:"):
            return await self.files.fetch(url, to)
        try:
            to.write_bytes(datauri.decode(url))
        except datauri.DataUriError as flaw:
            raise QueueError(f"a data URI in the result {flaw}", "unavailable") from flaw

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        """Requests that the provider lists. Raises QueueError: it lists none."""
        raise QueueError(f"{self.name} lists no requests", "failed", "look at its own pages")

    def servers(self) -> Collection[Origin]:
        """The servers that its requests go to; `callsheet doctor --online` looks whether they answer."""
        return ()

    def provider_time(self) -> float | None:
        """Seconds since the epoch by the service's own clock; None, where nobody knows."""
        return None

    async def close(self) -> None:
        """Close every connection."""
        await self.files.close()


def inline(path: Path, provider: str) -> str:
    """The file as a data URI. Raises NodeError (*rejected*) when it is larger than 8 MB."""
    if path.stat().st_size > LARGEST_INLINE:
        raise NodeError(
            f"{path.name} is larger than {LARGEST_INLINE // MEGABYTE} MB, which {provider} does not take",
            "rejected",
            "make it smaller, or give its URL",
        )
    return datauri.encode(path, content_type(path))
