"""The way to a provider's queue through Hugging Face's router.

    POST https://router.huggingface.co/fal-ai/{endpoint}?_subdomain=queue
    GET  https://router.huggingface.co/fal-ai/{owner/alias}/requests/{id}[/status]?_subdomain=queue

    POST https://router.huggingface.co/v1/chat/completions          (see `chat`)

The URLs in a reply are fal's own; only their path is taken, onto the router. See `served` for the other
providers behind it.

Where there is a key of fal and no token of Hugging Face, requests go to fal itself.
"""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlsplit

from callsheet.nodes.fal import endpoint as ids
from callsheet.nodes.fal import hosts as fal
from callsheet.nodes.fal.hosts import FAL
from callsheet.nodes.fal.route import FalRoute
from callsheet.nodes.http.credential import Credential
from callsheet.nodes.huggingface import chat, key
from callsheet.nodes.huggingface.hosts import Hosts
from callsheet.nodes.huggingface.model import PROVIDER, Served, model
from callsheet.nodes.huggingface.served import FORMS, path_of
from callsheet.nodes.queue.protocol import QueueError
from callsheet.nodes.text.chat import USES

QUEUE: Final = "_subdomain=queue"

Lookup = Callable[[str], Awaitable[Served]]
"""`hf/<repo>@<task>` → who serves it."""


class RouterRoute:
    """Through the router, with HF_TOKEN. Nobody says that it passes webhooks on."""

    webhooks = False

    def __init__(self, hosts: Hosts, lookup: Lookup, environ: Mapping[str, str] = os.environ) -> None:
        self.host = hosts.router.host
        self.credential = Credential((hosts.hub, hosts.router), lambda: key.authorization(environ))
        self._router = hosts.router
        self._known: dict[str, str] = {}
        self._lookup = lookup

    async def submit_urls(self, endpoint: str) -> tuple[str, ...]:
        self.credential.read()
        if endpoint == USES:
            return (f"{self._router}{chat.PATH}",)
        served = await self._lookup(endpoint)
        if served.provider != PROVIDER:
            form = FORMS[served.provider][model(endpoint).task]
            return (f"{self._router}{path_of(served.provider, form, served.name)}",)
        self._known[endpoint] = served.name
        return (self._routed(urlsplit(ids.submit_url(self._router, served.name)).path),)

    def request_url(self, url: str, endpoint: str, request_id: str, action: str) -> str:
        if ids.is_own(url, frozenset((self._router,)), request_id) and url.endswith(f"?{QUEUE}"):
            return url
        if ids.is_own(url, frozenset(FAL.queue), request_id):
            return self._routed(urlsplit(url).path)
        if served := self._known.get(endpoint):
            return self._routed(urlsplit(ids.request_url(self._router, served, request_id, action)).path)
        raise QueueError(f"the URLs of request {request_id} are not the provider's", "unavailable")

    def _routed(self, path: str) -> str:
        return f"{self._router}/{PROVIDER}{path}?{QUEUE}"


class DirectRoute(FalRoute):
    """To fal itself, with fal's key; Hugging Face only says which endpoint serves the model."""

    def __init__(self, hosts: fal.Hosts, lookup: Lookup, environ: Mapping[str, str] = os.environ) -> None:
        super().__init__(hosts, environ)
        self._known: dict[str, str] = {}
        self._lookup = lookup

    async def submit_urls(self, endpoint: str) -> tuple[str, ...]:
        self.credential.read()
        self._known[endpoint] = (await self._lookup(endpoint)).name
        return await super().submit_urls(self._known[endpoint])

    def request_url(self, url: str, endpoint: str, request_id: str, action: str) -> str:
        return super().request_url(url, self._known.get(endpoint, endpoint), request_id, action)
