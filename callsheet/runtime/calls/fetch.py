"""From ACCEPTED to COMMITTED: poll, record the result, download its files. Every step may be repeated."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from callsheet import failpoints
from callsheet.errors import NodeError
from callsheet.nodes.queue.protocol import IN_REPLY, Accepted, Queue, QueueError, QueueResult, Status
from callsheet.nodes.queue.secret import values_in
from callsheet.nodes.redact import hide_secrets
from callsheet.runtime.calls.clock import Clock
from callsheet.runtime.calls.errors import CallError
from callsheet.runtime.calls.polling import next_delay
from callsheet.runtime.calls.result_files import ExpectedFile, ResultFiles
from callsheet.runtime.ledger import Attempt, Change, Kept, Ledger

T = TypeVar("T")
OnStatus = Callable[[Attempt, Status], None]


@dataclass(frozen=True, slots=True)
class FetchRetry:
    """How long to go on asking. Pauses grow from `first` to `cap` seconds, doubling.

    passing: errors in a row that say nothing of the request; then the call is left for a later run.
    key: the same when the key is not accepted. gone: times that "gone" is heard before it is believed.
    rounds: times that files are gone before the result is asked for no more.
    """

    first: float = 1.0
    cap: float = 30.0
    passing: int = 40
    key: int = 3
    gone: int = 4
    rounds: int = 3

    def pause(self, errors: int, asked: float | None = None) -> float:
        """Seconds to wait after so many errors in a row; `asked`: what the provider asked for."""
        return max(min(self.cap, self.first * 2.0 ** min(errors - 1, 16)), min(asked or 0.0, 10 * self.cap))


class Gone(Exception):
    """The files of a result are no longer where it says."""


def _ignore(_: Attempt, __: Status) -> None: ...


class Fetcher:
    """Fetches the results of accepted requests of one provider."""

    def __init__(
        self,
        queue: Queue,
        ledger: Ledger,
        files: ResultFiles,
        clock: Clock,
        retry: FetchRetry,
        on_status: OnStatus = _ignore,
    ) -> None:
        self.queue = queue
        self.ledger = ledger
        self.files = files
        self.clock = clock
        self.retry = retry
        self.on_status = on_status
        self.waiting = 0
        self._past: dict[str, list[float]] = {}
        self._news: dict[str, asyncio.Event] = {}

    async def fetch(self, attempt: Attempt) -> Attempt:
        """Take an attempt from ACCEPTED or RESULT to COMMITTED.

        Raises CallError: FAILED is final, any other state is taken up by a later run. Raises StoreError.
        """
        for _ in range(self.retry.rounds):
            if attempt.state == "ACCEPTED":
                attempt = await self._result(attempt)
            try:
                kept = await self._files(attempt)
            except Gone:
                attempt = await self.ledger.advance(attempt.id, "ACCEPTED")
                continue
            attempt = await self.ledger.commit(attempt.id, kept)
            failpoints.reach("call.after_commit")
            return attempt
        raise await self._failed(attempt, "the files of its result are gone", "failed", HISTORY)

    async def restore(self, attempt: Attempt) -> bool:
        """Fetch the files of a COMMITTED attempt again that are gone from the store; False if they do not
        exist any more. Raises CallError when nobody can tell for now, so that they are not bought anew."""
        kept = {k.place: k for k in await self.ledger.kept(attempt.id)}
        missing = {place for place, k in kept.items() if not await self.files.holds(k)}
        try:
            again = [await self._file(w) for w in self.files.expected(attempt) if w.place in missing]
        except QueueError as error:
            if error.passing:
                raise self._left(attempt, error) from error
            return False
        except (NodeError, Gone):
            return False
        return len(again) == len(missing) and all(kept[k.place].digest == k.digest for k in again)

    async def _result(self, attempt: Attempt) -> Attempt:
        taken_up_later = self.clock.now() - (attempt.accepted or 0.0) > FRESH
        self.waiting += 1
        try:
            await self._done(attempt)
        finally:
            self.waiting -= 1
        result = await self._asked(attempt)
        failpoints.reach("call.before_result")
        change = Change(
            result=without_secrets(attempt, result.raw),
            units=result.billable_units,
            served_from=result.served_from,
        )
        attempt = await self.ledger.advance(attempt.id, "RESULT", change)
        failpoints.reach("call.after_result")
        if not taken_up_later:
            self._learn(attempt)
        return attempt

    async def _done(self, attempt: Attempt) -> None:
        """Poll until the request is completed, or the provider says it has it no more."""
        if attempt.response_url == IN_REPLY:
            return
        since = attempt.accepted or attempt.created
        delay = await self._first_delay(attempt, since)
        while True:
            if await self._news_while_sleeping(attempt.endpoint, delay):
                delay = self._delay(attempt.endpoint, self.clock.now() - since)
                continue
            try:
                status = await self._retried(lambda: self.queue.status(attempt.endpoint, accepted(attempt)))
            except QueueError as error:
                if error.gone:
                    return
                raise self._left(attempt, error) from error
            if status.state == "completed":
                return
            self.on_status(attempt, status)
            delay = self._delay(attempt.endpoint, self.clock.now() - since)

    async def _news_while_sleeping(self, endpoint: str, seconds: float) -> bool:
        """Sleep; but the first result of an endpoint of which nothing was known ends it with True."""
        if self._past[endpoint]:
            await self.clock.sleep(seconds)
            return False
        news = self._news.setdefault(endpoint, asyncio.Event())
        pause = asyncio.ensure_future(self.clock.sleep(seconds))
        heard = asyncio.ensure_future(news.wait())
        try:
            await asyncio.wait({pause, heard}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            pause.cancel()
            heard.cancel()
        return news.is_set()

    async def _first_delay(self, attempt: Attempt, since: float) -> float:
        """No delay for a request that was accepted a while ago: it may long be done."""
        if attempt.endpoint not in self._past:
            self._past[attempt.endpoint] = list(await self.ledger.durations(attempt.endpoint))
        waited = self.clock.now() - since
        return 0.0 if waited > FRESH else self._delay(attempt.endpoint, waited)

    def _delay(self, endpoint: str, waited: float) -> float:
        return next_delay(max(0.0, waited), self._past.get(endpoint, ()), self.waiting, self.clock.rng)

    def _learn(self, attempt: Attempt) -> None:
        if attempt.resulted is not None and attempt.accepted is not None:
            past = self._past.setdefault(attempt.endpoint, [])
            past.insert(0, max(0.0, attempt.resulted - attempt.accepted))
            del past[50:]
            self._news.pop(attempt.endpoint, asyncio.Event()).set()

    async def _asked(self, attempt: Attempt) -> QueueResult:
        """The result. A model's own failure makes the attempt FAILED."""
        try:
            return await self._retried(lambda: self.queue.result(attempt.endpoint, accepted(attempt)))
        except QueueError as error:
            if error.passing and not error.gone:
                raise self._left(attempt, error) from error
            raise await self._failed(attempt, error.message, error.kind, error.next_step) from error

    async def _files(self, attempt: Attempt) -> Sequence[Kept]:
        try:
            return [await self._file(file) for file in self.files.expected(attempt)]
        except NodeError as error:
            if isinstance(error, QueueError) and error.passing:
                raise self._left(attempt, error) from error
            raise await self._failed(attempt, error.message, error.kind, error.next_step) from error

    async def _file(self, file: ExpectedFile) -> Kept:
        """Fetch one file and keep it. Raises Gone, and QueueError for what is no use asking for again."""
        for _ in range(DAMAGED):
            path = self.files.download_path(file)
            await self._download(file, path)
            failpoints.reach("call.after_download")
            try:
                kept = await self.files.keep(file, path)
            except NodeError:
                continue
            failpoints.reach("call.after_keep")
            return kept
        raise Gone

    async def _download(self, file: ExpectedFile, path: Path) -> None:
        try:
            await self._retried(lambda: self.queue.download(file.url, path))
        except QueueError as error:
            if error.gone:
                raise Gone from error
            raise

    async def _retried(self, ask: Callable[[], Awaitable[T]]) -> T:
        """Ask until an answer comes. Raises the QueueError that is final, or one too many of its sort."""
        passing = gone = 0
        while True:
            try:
                return await ask()
            except QueueError as error:
                passing, gone = passing + error.passing, gone + error.gone
                most = self.retry.key if error.kind == "rejected" else self.retry.passing
                if not (error.passing or error.gone) or passing >= most or gone >= self.retry.gone:
                    raise
                await self.clock.sleep(self.retry.pause(passing + gone, error.retry_after))

    def _left(self, attempt: Attempt, error: QueueError) -> CallError:
        """The request stays as it is, and the next run takes it up."""
        message = without_secrets(attempt, error.message)
        next_step = error.next_step or "run again: it is fetched, not paid again"
        return CallError(attempt, message, error.kind, next_step)

    async def _failed(self, attempt: Attempt, message: str, kind: str, next_step: str) -> CallError:
        message = without_secrets(attempt, message)
        attempt = await self.ledger.advance(attempt.id, "FAILED", Change(error_kind=kind, error=message))
        return CallError(attempt, message, kind, next_step)  # type: ignore[arg-type]


FRESH: Final = 1.0
"""Seconds after which an accepted request was not waited for from its beginning."""
DAMAGED: Final = 3
"""Downloads of a file that is not what it should be, before the result is asked for again."""
HISTORY: Final = "look for the request in the provider's history"


def without_secrets(attempt: Attempt, text: str) -> str:
    """`text` without the secrets among the parameters of `attempt`, which models like to repeat."""
    return hide_secrets(text, values_in(attempt.body))


def accepted(attempt: Attempt) -> Accepted:
    """The provider's acceptance, from the ledger. Empty URLs are built by the queue."""
    urls = (attempt.status_url, attempt.response_url, attempt.cancel_url)
    return Accepted(attempt.request_id, *urls, raw=attempt.reply)
