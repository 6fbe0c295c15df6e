"""Hugging Face's models in a provider's queue, as the runtime sees it."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from callsheet.nodes.fal import listing
from callsheet.nodes.fal.hosts import Hosts as FalHosts
from callsheet.nodes.fal.hosts import hosts as fal_hosts
from callsheet.nodes.fal.upload import Storage
from callsheet.nodes.http.body import MAX_RESULT
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.huggingface import chat, jobs, key
from callsheet.nodes.huggingface.hosts import Hosts, hosts
from callsheet.nodes.huggingface.jobs import job_at
from callsheet.nodes.huggingface.model import Served, model, served_by
from callsheet.nodes.huggingface.parameters import headers_in, translated
from callsheet.nodes.huggingface.route import DirectRoute, RouterRoute
from callsheet.nodes.queue import raw_media
from callsheet.nodes.queue.base import inline
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.protocol import (
    IN_REPLY,
    Accepted,
    Found,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Recovery,
    Status,
)
from callsheet.nodes.queue.request_body import MediaUrls, body
from callsheet.nodes.queue.request_queue import SUBMIT_SECONDS, RequestQueue
from callsheet.nodes.queue.route import Route
from callsheet.nodes.text.chat import USES
from callsheet.spec.node import NodeSpec


class HuggingFaceQueue(RequestQueue):
    """Implements `Queue` for `hf/<repo>@<task>`, which is also the endpoint's name here.

    With HF_TOKEN requests go through the router (and a lost one cannot be found again); with a key of
    fal alone, to fal directly. at, fal: the hosts, by default as the environment says.
    """

    name: str = "huggingface"

    def __init__(
        self,
        at: Hosts | None = None,
        environ: Mapping[str, str] = os.environ,
        connections: int = 16,
        submit_seconds: float = SUBMIT_SECONDS,
        files: Files | None = None,
        fal: FalHosts | None = None,
    ) -> None:
        self.hosts = at or hosts(environ)
        self._fal = fal or fal_hosts(environ)
        self._direct = key.direct(environ)
        self.recovery: Recovery = "listing" if self._direct else "none"
        files = files or Files(self.hosts.trusted | self._fal.trusted)
        super().__init__(self._route(environ), files, environ, connections, submit_seconds)
        self._hub = Client(connections=2)
        self._storage = Storage(self._fal, self.free, files)
        self._served: dict[str, Served] = {}

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        """The frozen request, in the provider's names. Raises NodeError."""
        if spec.uses == USES:
            key.authorization(self._environ)
            return Outgoing(USES, await body(chat.request(spec, params), media))
        return await super().outgoing(spec, translated(params, model(spec.uses).task), media)

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        """The node's outputs in a raw result, `Remote` where media is. Raises QueueError."""
        if spec.uses == USES:
            return chat.outputs(spec, raw, request_id)
        return super().outputs(spec, raw, request_id)

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        if endpoint == USES:
            chat.check_answered(accepted)
            return Status("completed")
        if job := job_at(self.hosts.router, accepted):
            return jobs.status_in(job, await self.free(Call("GET", job.url)))
        await self._locate(endpoint, accepted)
        return await super().status(endpoint, accepted)

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        if endpoint == USES:
            return chat.result(accepted)
        if accepted.response_url == IN_REPLY:
            return QueueResult(accepted.raw)
        if job := job_at(self.hosts.router, accepted):
            call = Call("GET", job.url, cap=MAX_RESULT)
            return jobs.result_in(job, await self.free(call), model(endpoint).task)
        await self._locate(endpoint, accepted)
        return await super().result(endpoint, accepted)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        if accepted.response_url == IN_REPLY:
            return
        if job := job_at(self.hosts.router, accepted):
            raise QueueError(f"{job.provider} takes no cancellation through the router", "failed")
        await self._locate(endpoint, accepted)
        await super().cancel(endpoint, accepted)

    async def upload(self, path: Path) -> str:
        """The file at fal's storage with fal's key; else as a data URI, since the router has no storage.

        Raises NodeError.
        """
        if self._direct:
            return await self._storage.upload(path)
        return await asyncio.to_thread(inline, path, "Hugging Face")

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        """With fal's key, the requests that fal lists. Raises QueueError: the router lists none."""
        if not self._direct or endpoint == USES:
            raise QueueError("Hugging Face lists no requests", "failed", "look at your billing page there")
        served = await self._lookup(endpoint)
        return await listing.find(self._fal, self.free, served.name, since)

    async def close(self) -> None:
        await super().close()
        await self._hub.close()
        await self._storage.close()

    def _route(self, environ: Mapping[str, str]) -> Route:
        if self._direct:
            return DirectRoute(self._fal, self._lookup, environ)
        return RouterRoute(self.hosts, self._lookup, environ)

    def _submission(self, url: str, outgoing: Outgoing) -> Call:
        """The POST, in the provider's own form; what is sent as a header is taken out of the body."""
        if outgoing.endpoint == USES:
            return replace(super()._submission(url, outgoing), seconds=chat.SECONDS)
        headers, body = headers_in(outgoing.body)
        served = self._served[outgoing.endpoint]
        if form := jobs.form_of(served, outgoing.endpoint):
            headers |= form.headers
            body = json.dumps(form.body(json.loads(body), served.name), ensure_ascii=False)
        call = super()._submission(url, replace(outgoing, body=body))
        seconds = chat.SECONDS if form else call.seconds
        return replace(call, headers={**call.headers, **headers}, seconds=seconds, cap=raw_media.MOST)

    def _outcome(self, reply: Reply, endpoint: str) -> Outcome:
        if endpoint == USES:
            good = 200 <= reply.status < 300
            return chat.acceptance_in(reply) if good else super()._outcome(reply, endpoint)
        if (medium := raw_media.result_in(reply)) is not None:
            return jobs.answered(medium)
        said = jobs.outcome_in(reply, self._served[endpoint], endpoint, self.hosts.router)
        return said or super()._outcome(reply, endpoint)

    async def _locate(self, endpoint: str, accepted: Accepted) -> None:
        """An adopted request has no URLs: the route must know which endpoint serves the model."""
        if not accepted.status_url:
            await self.route.submit_urls(endpoint)

    async def _lookup(self, uses: str) -> Served:
        """Who serves a model, asked once in the life of the process."""
        if uses not in self._served:
            asked = model(uses)
            self._served[uses] = await served_by(self.hosts, self._ask_hub, asked, not self._direct)
        return self._served[uses]

    async def _ask_hub(self, call: Call) -> Reply:
        """A public question; a token shows the models that only its owner sees, a key of fal stays here."""
        if not self._direct:
            return await self.free(call)
        try:
            return await self._hub.send(call)
        except (Unsent, Lost) as error:
            raise QueueError(f"{self.hosts.hub.host}: {error}", "unavailable", passing=True) from error
