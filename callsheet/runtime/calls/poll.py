"""From ACCEPTED to the raw result: where the request is, and what came of it."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Final

from callsheet.nodes.queue.protocol import IN_REPLY, ModelFailed, QueueError, QueueResult, Status
from callsheet.runtime.calls.patience import Patience
from callsheet.runtime.calls.polling import next_delay
from callsheet.runtime.calls.questions import Questions, Waiting, accepted
from callsheet.runtime.ledger import Attempt

FRESH: Final = 1.0
"""Seconds after which an accepted request was not waited for from its beginning."""
ODD: Final = 3
"""After so many words in a row that nobody knows, it is looked whether the result is there."""


class Poller:
    """Waits for the results of one provider."""

    def __init__(self, questions: Questions) -> None:
        self.questions = questions
        self.queue, self.clock = questions.queue, questions.clock
        self.waiting = 0
        self._past: dict[str, list[float]] = {}
        self._news: dict[str, asyncio.Event] = {}

    async def result(self, attempt: Attempt) -> QueueResult:
        """The result of an ACCEPTED attempt. Raises ModelFailed, and NodeError when this run asks no more."""
        self.waiting += 1
        try:
            found = await self.over(attempt)
        finally:
            self.waiting -= 1
        return found if isinstance(found, QueueResult) else await self.asked(attempt, found)

    def is_fresh(self, attempt: Attempt) -> bool:
        """Whether an attempt was accepted just now, and waited for from its beginning."""
        return self.clock.now() - (attempt.accepted or 0.0) <= FRESH

    def learn(self, attempt: Attempt) -> None:
        """How long an attempt took tells when to look after the others."""
        if attempt.resulted is not None and attempt.accepted is not None:
            past = self._past.setdefault(attempt.endpoint, [])
            past.insert(0, max(0.0, attempt.resulted - attempt.accepted))
            del past[50:]
            self._news.pop(attempt.endpoint, asyncio.Event()).set()

    async def over(self, attempt: Attempt) -> Status | QueueResult:
        """Poll until the request is over, or the provider does not find it any more: its status then, or its
        result where that is there though the status is none that is known."""
        if attempt.response_url == IN_REPLY:
            return Status("completed")
        since, odd, patience = attempt.accepted or attempt.created, 0, self.questions.patience(attempt)
        delay = await self._first_delay(attempt, since)
        while True:
            if await self._news_while_sleeping(attempt.endpoint, delay):
                delay = self._delay(attempt.endpoint, self.clock.now() - since)
                continue
            status = await self._status(attempt)
            if isinstance(status, QueueResult) or status.state in ("completed", "failed"):
                return status
            self.questions.on_waiting(attempt, Waiting(status.word or status.state, status.position))
            odd = odd + 1 if status.word else 0
            if odd and odd % ODD == 0 and (found := await self._peeked(attempt, patience)):
                return found
            delay = self._delay(attempt.endpoint, self.clock.now() - since)

    async def asked(self, attempt: Attempt, status: Status) -> QueueResult:
        """The result of a request that is over, as its status says. Raises ModelFailed when the model failed:
        by what came in place of the result, or by the status, where nothing comes."""
        said = status.failure or ("it failed" if status.state == "failed" else "")
        retry = self.questions.retry
        few = replace(retry, passing=retry.useless) if status.state == "failed" else retry

        async def ask() -> QueueResult:
            try:
                return await self.queue.result(attempt.endpoint, accepted(attempt))
            except ModelFailed as error:
                error.certain = error.certain or bool(said)
                raise

        try:
            return await self.questions.retried(attempt, ask, Patience(few, attempt.error))
        except QueueError as error:
            if said and not isinstance(error, ModelFailed) and (few is not retry or not error.passing):
                message = f"the model failed: {said} (request {attempt.request_id})"
                raise ModelFailed(message, "failed", "run it again") from error
            raise

    async def _status(self, attempt: Attempt) -> Status | QueueResult:
        """Where it is; over, when the provider does not find it any more. Its result, if that is there
        though nobody can read the status."""
        try:
            return await self.questions.retried(
                attempt, lambda: self.queue.status(attempt.endpoint, accepted(attempt))
            )
        except QueueError as error:
            if error.gone:
                return Status("completed")
            if not error.passing and (found := await self._peeked(attempt, self.questions.patience(attempt))):
                return found
            raise

    async def _peeked(self, attempt: Attempt, patience: Patience) -> QueueResult | None:
        """The result of a request whose status is none that is known, if it is there. Raises ModelFailed, and
        QueueError when this was asked too often."""
        try:
            return await self.queue.result(attempt.endpoint, accepted(attempt))
        except QueueError as error:
            if isinstance(error, ModelFailed) or patience.pause(error) is None:
                raise
            return None

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
            durations = await self.questions.ledger.durations(attempt.endpoint)
            self._past[attempt.endpoint] = list(durations)
        waited = self.clock.now() - since
        return 0.0 if waited > FRESH else self._delay(attempt.endpoint, waited)

    def _delay(self, endpoint: str, waited: float) -> float:
        return next_delay(max(0.0, waited), self._past.get(endpoint, ()), self.waiting, self.clock.rng)
