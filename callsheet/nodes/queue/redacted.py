"""Hides secrets in everything that a provider says: outcomes, results, errors."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Final, TypeVar

from callsheet.errors import CallsheetError, NodeError
from callsheet.nodes.queue.bills import ListPriced, TellsBalance, TellsBills
from callsheet.nodes.queue.protocol import (
    Accepted,
    Ambiguous,
    BeforeSend,
    Found,
    NotSent,
    Outcome,
    Outgoing,
    ProviderQueue,
    QueueError,
    QueueResult,
    Refused,
    Status,
)
from callsheet.nodes.queue.request_body import MediaUrls
from callsheet.nodes.queue.secret import values_in
from callsheet.nodes.redact import hide_secrets, redacted
from callsheet.spec.node import NodeSpec
from callsheet.spec.web_origin import Origin

T = TypeVar("T")
LONGEST: Final = 300
"""Characters of what a queue says that it should not."""


class RedactedQueue:
    """The same queue, with no secret in what it returns or raises. Implements `ProviderQueue`.

    secrets: gives the live values to hide; those of a request's own secret parameters are hidden as well.
    foreign: the queue is of a plug-in. Whatever it raises that it should not is its own failure, and of a
    request that it was sending then nobody knows what came of it.
    """

    def __init__(
        self,
        queue: ProviderQueue,
        secrets: Callable[[], tuple[str, ...]],
        environ: Mapping[str, str] = os.environ,
        foreign: bool = False,
    ) -> None:
        self.name, self.recovery = queue.name, queue.recovery
        self.is_there, self.close = queue.is_there, queue.close
        self.queue, self._secrets, self._environ = queue, secrets, environ
        self._foreign = foreign

    async def outgoing(self, spec: NodeSpec, params: Mapping[str, object], media: MediaUrls) -> Outgoing:
        return await self._asked(self.queue.outgoing(spec, params, media))

    def outputs(self, spec: NodeSpec, raw: str, request_id: str) -> dict[str, object]:
        with self._redacted_errors():
            return self.queue.outputs(spec, raw, request_id)

    async def submit(self, outgoing: Outgoing, before_send: BeforeSend) -> Outcome:
        """The outcome; what was accepted keeps its words, since its reply may be the result itself."""
        hook = _Hook(before_send)
        try:
            outcome = await self.queue.submit(outgoing, hook)
        except Exception as error:
            if not self._foreign or error is hook.raised:
                raise
            outcome = Ambiguous(f"the queue of {self.name} raised {_words(error)}")
        secrets = (*self._secrets(), *values_in(outgoing.body, self._environ))
        match outcome:
            case Accepted(raw=raw):
                return replace(outcome, raw=hide_secrets(raw, secrets))
            case Ambiguous(message, raw):
                return replace(outcome, message=redacted(message, secrets), raw=redacted(raw, secrets))
            case Refused() | NotSent():
                return replace(outcome, message=redacted(outcome.message, secrets))

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        return await self._asked(self.queue.status(endpoint, accepted))

    async def result(self, endpoint: str, accepted: Accepted) -> QueueResult:
        found = await self._asked(self.queue.result(endpoint, accepted))
        return replace(found, raw=hide_secrets(found.raw, self._secrets()))

    async def cancel(self, endpoint: str, accepted: Accepted) -> None:
        await self._asked(self.queue.cancel(endpoint, accepted))

    async def upload(self, path: Path) -> str:
        return await self._asked(self.queue.upload(path))

    async def download(self, url: str, to: Path) -> None:
        await self._asked(self.queue.download(url, to))

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        return await self._asked(self.queue.find(endpoint, since))

    async def billed(self, request_ids: Sequence[str]) -> Mapping[str, float]:
        """Implements `TellsBills`; a provider that tells no bills has none."""
        return await self._asked(self.queue.billed(request_ids)) if isinstance(self.queue, TellsBills) else {}

    async def list_prices(self, endpoints: Sequence[str]) -> Mapping[str, ListPriced]:
        if not isinstance(self.queue, TellsBills):
            return {}
        return await self._asked(self.queue.list_prices(endpoints))

    async def balance(self) -> float | None:
        """Implements `TellsBalance`."""
        return await self._asked(self.queue.balance()) if isinstance(self.queue, TellsBalance) else None

    def servers(self) -> Collection[Origin]:
        """As the queue tells them; those of plug-ins need not."""
        told: Callable[[], Collection[Origin]] | None = getattr(self.queue, "servers", None)
        return told() if told else ()

    def provider_time(self) -> float | None:
        """As the queue tells it; those of plug-ins need not."""
        told: Callable[[], float | None] | None = getattr(self.queue, "provider_time", None)
        return told() if told else None

    async def _asked(self, asking: Awaitable[T]) -> T:
        with self._redacted_errors():
            return await asking

    @contextmanager
    def _redacted_errors(self) -> Iterator[None]:
        try:
            yield
        except NodeError as error:
            error.message = redacted(error.message, self._secrets())
            error.args = (error.message,)
            raise
        except Exception as error:
            if not self._foreign or isinstance(error, CallsheetError):
                raise
            said = redacted(f"the queue of {self.name} raised {_words(error)}", self._secrets())
            raise QueueError(
                said, "unavailable", "repair the provider, or install another version"
            ) from error


class _Hook:
    """`before_send`, and what it raised."""

    def __init__(self, before_send: BeforeSend) -> None:
        self._before_send = before_send
        self.raised: Exception | None = None

    async def __call__(self) -> None:
        try:
            await self._before_send()
        except Exception as error:
            self.raised = error
            raise


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:LONGEST]
