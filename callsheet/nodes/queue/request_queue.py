"""Requests in a queue that speaks fal's protocol: submit once; status, result and cancel at will."""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Final, Literal

from callsheet.errors import NodeError
from callsheet.nodes.http.body import MAX_JSON, MAX_RESULT
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.queue import progress, replies, secret
from callsheet.nodes.queue.base import BaseQueue
from callsheet.nodes.queue.downloads import Files
from callsheet.nodes.queue.protocol import (
    Accepted,
    Ambiguous,
    BeforeSend,
    NotSent,
    Outcome,
    Outgoing,
    QueueError,
    QueueResult,
    Refused,
    Status,
)
from callsheet.nodes.queue.provider_clock import ProviderClock
from callsheet.nodes.queue.route import Route
from callsheet.nodes.queue.webhook import with_webhook
from callsheet.spec.web_origin import Origin, UrlError

SUBMIT_SECONDS: Final = 120.0
POLL_SECONDS: Final = 30.0
RESULT_SECONDS: Final = 120.0
SUBMITS: Final = 4
RESULTS: Final = 3
"""Few: who is over is asked before what came of it, and the fetched media takes longer than either."""
FRESH_SECONDS: Final = 2.0
"""A connection idle for longer may be closing at the other end: a POST on it could be lost without need."""


class RequestQueue(BaseQueue):
    """Submit, status, result, cancel and download, over a `Route`.

    Submits have connections of their own, few and fresh. So have results, or each would wait behind the
    polls of all others; everything else shares as many.
    """

    def __init__(
        self,
        route: Route,
        files: Files,
        environ: Mapping[str, str] = os.environ,
        connections: int = 16,
        submit_seconds: float = SUBMIT_SECONDS,
    ) -> None:
        super().__init__(files)
        self.route = route
        self._environ = environ
        self._submit_seconds = submit_seconds
        self._paid = Client(SUBMITS, FRESH_SECONDS)
        self._free = Client(connections)
        self._results = Client(RESULTS)
        self._clock = ProviderClock()

    def require_key(self) -> None:
        """Raises NodeError naming the variable when there is no key."""
        self.route.credential.read()

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        """Exactly one POST; a second address is tried only when nothing was sent to the first."""
        try:
            urls = await self.route.submit_urls(outgoing.endpoint)
            webhook = outgoing.webhook if self.route.webhooks else ""
            calls = [self._submission(with_webhook(url, webhook), outgoing) for url in urls]
        except QueueError as error:
            return NotSent(error.message)
        except NodeError as error:
            return Refused(error.kind, error.message, 0, None, self._stop(), error.next_step)
        return await self._post(calls, outgoing.endpoint, before_send)

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        url = self.route.request_url(accepted.status_url, endpoint, accepted.request_id, "status")
        reply = await self.free(Call("GET", url, seconds=POLL_SECONDS, cap=MAX_JSON))
        return progress.status_in(reply, accepted.request_id)

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        url = self.route.request_url(accepted.response_url, endpoint, accepted.request_id, "")
        call = Call("GET", url, seconds=RESULT_SECONDS, cap=MAX_RESULT)
        reply = await self._send(call, self._results)
        return progress.result_in(reply, accepted.request_id)

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        """Ask for it; a request that is over already, or gone, is no error."""
        url = self.route.request_url(accepted.cancel_url, endpoint, accepted.request_id, "cancel")
        reply = await self.free(Call("PUT", url, seconds=POLL_SECONDS))
        progress.check_cancelled(reply, accepted.request_id)

    async def free(self, call: Call) -> Reply:
        """One request that may be repeated, with the key. Raises QueueError, NodeError without a key."""
        return await self._send(call, self._free)

    async def _send(self, call: Call, client: Client) -> Reply:
        try:
            key = self.route.credential.headers(call.url)
            reply = await client.send(replace(call, headers={**key, **call.headers}))
        except UrlError as error:
            raise QueueError(f"a URL of the reply is not used: {error}", "unavailable") from error
        except (Unsent, Lost) as error:
            raise QueueError(f"{self.route.host}: {error}", "unavailable", passing=True) from error
        self._clock.hear(reply.headers)
        return reply

    def servers(self) -> Collection[Origin]:
        return self.route.credential.origins

    def provider_time(self) -> float | None:
        """Seconds since the epoch by the dates of the provider's replies; None before the first."""
        return self._clock.now()

    async def close(self) -> None:
        """Close every connection."""
        await super().close()
        for client in (self._paid, self._free, self._results):
            await client.close()

    def _submission(self, url: str, outgoing: Outgoing) -> Call:
        headers = {
            **self.route.credential.headers(url),
            "Content-Type": "application/json",
            "x-app-fal-disable-fallback": "true",
        }
        content = secret.revealed(outgoing.body, self._environ).encode()
        return Call("POST", url, headers, content, self._submit_seconds)

    async def _post(self, calls: list[Call], endpoint: str, before_send: BeforeSend) -> Outcome:
        reason = ""
        for call in calls:
            try:
                reply = await self._paid.send(call, before_send)
            except Unsent as error:
                reason = str(error)
            except Lost as error:
                return Ambiguous(f"the request was sent, and then {error}")
            else:
                self._clock.hear(reply.headers)
                return self._outcome(reply, endpoint)
        return NotSent(f"{self.route.host} could not be reached: {reason}")

    def _outcome(self, reply: Reply, endpoint: str) -> Outcome:
        if 200 <= reply.status < 300:
            return replies.acceptance_in(reply, endpoint, self.route)
        return replies.refusal_in(reply, endpoint)

    def _stop(self) -> Literal["", "auth"]:
        """What was wrong with one request is nothing to the others, unless it is the key."""
        try:
            self.require_key()
        except NodeError:
            return "auth"
        return ""
