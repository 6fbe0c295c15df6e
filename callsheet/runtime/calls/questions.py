"""Questions to a provider about requests that it accepted: asked again until an answer comes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TypeVar

from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import Accepted, ModelFailed, Queue, QueueError
from callsheet.nodes.queue.secret import values_in
from callsheet.nodes.redact import hide_secrets
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.patience import FetchRetry, Patience
from callsheet.runtime.ledger import Attempt, Change, Ledger

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Waiting:
    """What an accepted request waits for. state: "queued" or "running" at the provider, "fetching" while its
    result is fetched, "another run", or the provider's own word. position: how many are before it. trouble:
    what is in the way, "" for nothing. by: the run that makes it, and where, if that is another one."""

    state: str
    position: int | None = None
    trouble: str = ""
    by: str = ""


OnWaiting = Callable[[Attempt, Waiting], None]


@dataclass(frozen=True, slots=True)
class Questions:
    """Who is asked, how patiently, and who hears of it. on_waiting: called with all that is waited for."""

    queue: Queue
    ledger: Ledger
    clock: Clock
    retry: FetchRetry
    on_waiting: OnWaiting

    def patience(self, attempt: Attempt) -> Patience:
        return Patience(self.retry, attempt.error)

    async def retried(
        self, attempt: Attempt, ask: Callable[[], Awaitable[T]], patience: Patience | None = None
    ) -> T:
        """Ask until an answer comes. Raises the QueueError after which this run asks no more."""
        patience = patience or self.patience(attempt)
        while True:
            try:
                return await ask()
            except QueueError as error:
                if isinstance(error, ModelFailed) and error.certain:
                    raise
                await self.pause_after(attempt, error, patience)

    async def pause_after(self, attempt: Attempt, trouble: QueueError, patience: Patience) -> None:
        """Say what is in the way, and wait before it is asked again. Raises `trouble` when patience is over.

        It is said at once, and noted for those who look into the ledger meanwhile.
        """
        pause = patience.pause(trouble)
        if patience.same == 1:
            reason = without_secrets(attempt, trouble.message)
            self.on_waiting(attempt, Waiting("fetching", None, reason))
            await self.ledger.note(attempt.id, Change(error_kind="unavailable", error=reason))
        if pause is None:
            raise trouble
        await self.clock.sleep(pause)


def as_trouble(error: NodeError) -> QueueError:
    """What keeps a result from being used, as what came of asking for it."""
    if isinstance(error, QueueError):
        return error
    return QueueError(error.message, "unavailable", error.next_step)


def without_secrets(attempt: Attempt, text: str) -> str:
    """`text` without the secrets among the parameters of `attempt`, which models like to repeat."""
    return hide_secrets(text, values_in(attempt.body))


def accepted(attempt: Attempt) -> Accepted:
    """The provider's acceptance, from the ledger. Empty URLs are built by the queue."""
    urls = (attempt.status_url, attempt.response_url, attempt.cancel_url)
    return Accepted(attempt.request_id, *urls, raw=attempt.reply)
