"""The queue at fal."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

from callsheet.nodes.fal import account, chat, listing, prices
from callsheet.nodes.fal.hosts import Hosts, hosts
from callsheet.nodes.fal.route import FalRoute
from callsheet.nodes.fal.upload import Storage
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.protocol import Found, Outgoing, Recovery
from callsheet.nodes.queue.request_body import MediaUrls, body
from callsheet.nodes.queue.request_queue import SUBMIT_SECONDS, RequestQueue
from callsheet.nodes.text.chat import USES
from callsheet.spec.node import NodeSpec


class FalQueue(RequestQueue):
    """The queue at fal. The key is read from `environ` for each request.

    at: the hosts; by default those of CALLSHEET_FAL_URL, or fal's own. connections: for everything but
    submits, which have four of their own. lifetime: seconds that fal should keep uploaded files.
    """

    name: str = "fal"
    recovery: Recovery = "listing"

    def __init__(
        self,
        at: Hosts | None = None,
        environ: Mapping[str, str] = os.environ,
        connections: int = 16,
        submit_seconds: float = SUBMIT_SECONDS,
        files: Files | None = None,
        lifetime: int | None = None,
    ) -> None:
        self.hosts = at or hosts(environ)
        files = files or Files(self.hosts.trusted)
        super().__init__(FalRoute(self.hosts, environ), files, environ, connections, submit_seconds)
        self._storage = Storage(self.hosts, self.free, files, lifetime)

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        """Build the request of a node. Raises NodeError."""
        if spec.uses != USES:
            return await super().outgoing(spec, params, media)
        endpoint, values = chat.request(spec, params)
        return Outgoing(endpoint, await body(values, media))

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        """Read the node's outputs from a raw result. Raises QueueError."""
        if spec.uses == USES:
            return chat.outputs(spec, raw, request_id)
        return super().outputs(spec, raw, request_id)

    async def upload(self, path: Path) -> str:
        """Upload a file to fal, and return its public URL. Raises QueueError, NodeError."""
        return await self._storage.upload(path)

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        """List the requests to `endpoint` that have ended. Raises QueueError."""
        return await listing.find(self.hosts, self.free, endpoint, since)

    async def list_prices(self, endpoints: Sequence[str]) -> dict[str, prices.ListPrice]:
        """fal's list price per endpoint. Raises QueueError."""
        return await prices.list_prices(self.hosts, self.free, endpoints)

    async def billed(self, request_ids: Sequence[str]) -> dict[str, float]:
        """USD billed per request, as far as fal lists them by now. Raises QueueError."""
        return await prices.billed(self.hosts, self.free, request_ids)

    async def balance(self) -> float | None:
        """USD of credit that the account has left, None where fal does not tell it. Raises QueueError."""
        return await account.balance(self.hosts, self.free)

    async def close(self) -> None:
        await super().close()
        await self._storage.close()
