"""fal's platform API, asked politely: few requests at once, and again after a while where it is busy.

busy (429, 503, no reply)    waits as long as `Retry-After` says, else 1, 2, 4, … seconds, and asks again
refused (401, 403, 4xx)      is not asked again
what cannot be read          raises `Garbled`: a smaller question may well be answered
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from types import TracebackType
from typing import Final
from urllib.parse import urlencode

from callsheet.nodes.fal.hosts import Hosts, hosts
from callsheet.nodes.fal.key import authorization, has_key
from callsheet.nodes.fal.listing import refused
from callsheet.nodes.http.body import MEGABYTE, BodyError
from callsheet.nodes.http.client import Client
from callsheet.nodes.http.credential import Credential
from callsheet.nodes.http.message import Call, Lost, Reply, Unsent
from callsheet.nodes.queue.protocol import QueueError

AT_ONCE: Final = 4
TRIES: Final = 6
LONGEST_WAIT: Final = 120.0
"""Seconds. Where the API wants a longer wait, the command gives up; a later one may ask again."""
SECONDS: Final = 60.0
CAP: Final = 16 * MEGABYTE
BUSY: Final = (408, 425, 429)

Query = Sequence[tuple[str, str]]
Sleep = Callable[[float], Awaitable[None]]


class Garbled(QueueError):
    """A reply that is too large, breaks off, or is no JSON object."""

    def __init__(self, why: str) -> None:
        super().__init__(f"the reply of the platform API {why}", "unavailable", passing=True)


class Platform:
    """Asks the platform API. The key is sent where there is one, and to fal's own hosts alone.

    sleep: waits so many seconds.
    """

    def __init__(
        self,
        at: Hosts | None = None,
        environ: Mapping[str, str] = os.environ,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self.hosts = at or hosts(environ)
        self._environ, self._sleep = environ, sleep
        self._credential = Credential(self.hosts.with_key, lambda: authorization(environ))
        self._client = Client(AT_ONCE)

    async def __aenter__(self) -> Platform:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.close()

    async def get(self, path: str, query: Query, cap: int = CAP) -> Mapping[str, object]:
        """The JSON object at `path`. Raises QueueError, Garbled; NodeError for a key that is none."""
        url = f"{self.hosts.platform}{path}?{urlencode(query)}"
        for tried in range(1, TRIES + 1):
            try:
                return _object(await self._once(url, cap))
            except Garbled:
                raise
            except QueueError as error:
                wait = 2.0 ** (tried - 1) if error.retry_after is None else error.retry_after
                if not error.passing or tried == TRIES or wait > LONGEST_WAIT:
                    raise
                await self._sleep(wait)
        raise AssertionError("the last try returns or raises")

    async def about(
        self, path: str, endpoints: Sequence[str], more: Query = ()
    ) -> AsyncIterator[tuple[Sequence[str], Mapping[str, object] | Garbled]]:
        """What `path` says of endpoints, asked for by id; each reply with the endpoints that it is about.

        A question whose reply cannot be read is asked again in two halves, until one endpoint is left: for
        that one the error comes in place of the reply. more: the rest of the query. Raises QueueError,
        NodeError for a key that is none.
        """
        try:
            reply = await self.get(path, [*(("endpoint_id", name) for name in endpoints), *more])
        except Garbled as error:
            if len(endpoints) == 1:
                yield endpoints, error
                return
        else:
            yield endpoints, reply
            return
        half = len(endpoints) // 2
        for part in (endpoints[:half], endpoints[half:]):
            async for found in self.about(path, part, more):
                yield found

    async def _once(self, url: str, cap: int) -> Reply:
        key = self._credential.headers(url) if has_key(self._environ) else {}
        try:
            return await self._client.send(Call("GET", url, key, seconds=SECONDS, cap=cap))
        except (Unsent, Lost) as error:
            raise QueueError(f"{self.hosts.platform.host}: {error}", "unavailable", passing=True) from error


def _object(reply: Reply) -> Mapping[str, object]:
    if reply.status != 200:
        error = refused(reply)
        error.passing = reply.status >= 500 or reply.status in BUSY
        raise error
    try:
        return reply.json()
    except BodyError as flaw:
        raise Garbled(str(flaw)) from flaw
