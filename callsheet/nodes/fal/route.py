"""The URLs of fal's queue."""

from __future__ import annotations

import os
from collections.abc import Mapping

from callsheet.nodes.fal import endpoint as ids
from callsheet.nodes.fal.hosts import Hosts
from callsheet.nodes.fal.key import authorization
from callsheet.nodes.http.credential import Credential


class FalRoute:
    """Implements `Route` for fal."""

    webhooks = True

    def __init__(self, hosts: Hosts, environ: Mapping[str, str] = os.environ) -> None:
        self.host = hosts.queue[0].host
        self.credential = Credential(hosts.with_key, lambda: authorization(environ))
        self._hosts = hosts
        self._queues = frozenset(hosts.queue)

    async def submit_urls(self, endpoint: str) -> tuple[str, ...]:
        return tuple(ids.submit_url(origin, endpoint) for origin in self._hosts.queue)

    def request_url(self, url: str, endpoint: str, request_id: str, action: str) -> str:
        if ids.is_own(url, self._queues, request_id):
            return url
        return ids.request_url(self._hosts.queue[0], endpoint, request_id, action)
