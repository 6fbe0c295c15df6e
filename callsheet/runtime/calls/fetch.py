"""From ACCEPTED to COMMITTED: poll, record the result, download its files. Every step may be repeated.

Only the provider's own word about the request (`ModelFailed`) ends it as FAILED. Whatever else goes wrong, it
stays ACCEPTED or RESULT: paid, not fetched. This run asks as long as it has patience, a later one asks again.
"""

from __future__ import annotations

from callsheet import failpoints
from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import ModelFailed, Queue
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError, NotFetched
from callsheet.runtime.calls.fetch_files import FileFetcher
from callsheet.runtime.calls.patience import FetchRetry
from callsheet.runtime.calls.poll import Poller
from callsheet.runtime.calls.questions import OnWaiting, Questions, Waiting, as_trouble, without_secrets
from callsheet.runtime.calls.result_files import ResultFiles
from callsheet.runtime.ledger import Attempt, Change, Ledger


def _ignore(_: Attempt, __: Waiting) -> None: ...


class Fetcher:
    """Fetches the results of accepted requests of one provider."""

    def __init__(
        self,
        queue: Queue,
        ledger: Ledger,
        files: ResultFiles,
        clock: Clock,
        retry: FetchRetry,
        on_waiting: OnWaiting = _ignore,
    ) -> None:
        self.ledger = ledger
        questions = Questions(queue, ledger, clock, retry, on_waiting)
        self.poller = Poller(questions)
        self.files = FileFetcher(questions, files)

    async def fetch(self, attempt: Attempt) -> Attempt:
        """Take an attempt from ACCEPTED or RESULT to COMMITTED.

        Raises CallError when the provider says that the model failed (FAILED), NotFetched when it is left to
        a later run. Raises StoreError.
        """
        try:
            if attempt.state == "ACCEPTED":
                attempt = await self._result(attempt)
            attempt, kept = await self.files.fetch(attempt)
        except ModelFailed as error:
            raise await self._failed(attempt, error) from error
        except NodeError as error:
            raise await self._left(attempt, error) from error
        attempt = await self.ledger.commit(attempt.id, kept)
        failpoints.reach("call.after_commit")
        return attempt

    async def restore(self, attempt: Attempt) -> None:
        """Fetch the files of a COMMITTED attempt again that are gone from the store.

        Raises NotFetched when they cannot be had any more, or for now: they are not bought anew for that.
        """
        try:
            await self.files.restore(attempt)
        except NodeError as error:
            reason = f"its files are gone from the store: {without_secrets(attempt, error.message)}"
            raise NotFetched(attempt, reason, as_trouble(error)) from error

    async def _result(self, attempt: Attempt) -> Attempt:
        """Bring the raw result to the disk before any URL in it is used."""
        fresh = self.poller.is_fresh(attempt)
        result = await self.poller.result(attempt)
        failpoints.reach("call.before_result")
        change = Change(
            result=without_secrets(attempt, result.raw),
            units=result.billable_units,
            served_from=result.served_from,
        )
        attempt = await self.ledger.advance(attempt.id, "RESULT", change, before="ACCEPTED")
        failpoints.reach("call.after_result")
        if fresh:
            self.poller.learn(attempt)
        return attempt

    async def _left(self, attempt: Attempt, error: NodeError) -> NotFetched:
        """The request stays as it is, and the next run takes it up."""
        reason = without_secrets(attempt, error.message)
        attempt = await self.ledger.note(attempt.id, Change(error_kind="unavailable", error=reason))
        return NotFetched(attempt, reason, as_trouble(error))

    async def _failed(self, attempt: Attempt, error: ModelFailed) -> CallError:
        message = without_secrets(attempt, error.message)
        change = Change(error_kind=error.kind, error=message)
        attempt = await self.ledger.advance(attempt.id, "FAILED", change, before=attempt.state)
        return CallError(attempt, message, error.kind, error.next_step)
