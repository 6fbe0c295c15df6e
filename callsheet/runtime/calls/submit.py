"""The one step that costs money: INTENT → SENDING → one POST → what the reply means, each on the disk."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

from callsheet import failpoints
from callsheet.errors import Kind, StoreError
from callsheet.nodes.queue.protocol import Accepted, Ambiguous, NotSent, Outcome, Outgoing, Queue, Refused
from callsheet.runtime.calls.breaker import Breaker
from callsheet.runtime.calls.clock import Uptime, uptime
from callsheet.runtime.calls.shield import shielded
from callsheet.runtime.calls.slots import Slot, Slots
from callsheet.runtime.ledger import Attempt, Change, Forbidden, Ledger, State

GRACE: Final = 20.0
"""Seconds that a stopped run waits for a reply that is on its way."""


RESOLUTION: Final = 5.0
"""Seconds by which the dates of a provider's replies may differ."""


FUSE: Final = 30.0
"""Seconds between the moment at which SENDING was asked for and the first byte, at most. A process that stood
still for longer may have been taken for dead, and its request proven absent and bought by another one."""


class TooLate(Exception):
    """The first byte may not go out any more."""


class Withdrawn(Exception):
    """The run is being stopped, and this request was not sent yet."""


class Submitter:
    """Sends attempts to one provider.

    trusted: the queue is one of our own, and awaits `before_send` before the first byte. Of any other,
    SENDING is on the disk before it is asked at all: if it forgets that call, a crash must not look as if
    nothing had been sent.
    """

    def __init__(
        self,
        queue: Queue,
        ledger: Ledger,
        slots: Slots,
        breaker: Breaker,
        grace: float = GRACE,
        uptime: Callable[[], Uptime] = uptime,
        trusted: bool = True,
    ) -> None:
        self.trusted = trusted
        self.queue = queue
        self.ledger = ledger
        self.slots = slots
        self.breaker = breaker
        self.grace = grace
        self.uptime = uptime

    async def submit(self, attempt: Attempt, slot: Slot) -> tuple[Attempt, Outcome]:
        """Send an attempt that is INTENT, once, when its slot allows it; it is ACCEPTED, REJECTED or UNKNOWN
        then, durably.

        When cancelled: what was not sent becomes CANCELLED; for a reply that is on its way a while is
        waited, then it is UNKNOWN. Raises NodeError when the breaker is tripped, StoreError when the ledger
        cannot be written.
        """
        while True:
            await slot.take()
            async with self.slots.gate:
                if slot.may_go():
                    submission = Submission(self, attempt)
                    attempt, outcome = await shielded(submission.send(), self.grace, submission.withdraw)
                    slot.heard(outcome)
                    return attempt, outcome


class Submission:
    """One request that is being sent.

    sent: SENDING is on the disk. announced: the queue awaited `before_send`. veto: what `before_send` raised
    because the request must not go out. Only a queue that lets just that out of `submit` has obeyed it.
    asked: this machine's uptime when SENDING was asked for, in seconds.
    """

    def __init__(self, submitter: Submitter, attempt: Attempt) -> None:
        self.queue = submitter.queue
        self.ledger = submitter.ledger
        self.breaker = submitter.breaker
        self.attempt = attempt
        self.uptime = submitter.uptime
        self.trusted = submitter.trusted
        self.sent = False
        self.announced = False
        self.veto: BaseException | None = None
        self.withdrawn = False
        self.asked = 0.0

    def withdraw(self) -> None:
        """Do not send it, if that is still possible."""
        self.withdrawn = True

    async def send(self) -> tuple[Attempt, Outcome]:
        attempt = self.attempt
        outgoing = Outgoing(attempt.endpoint, attempt.body, address=attempt.address)
        try:
            self._check()
            if not self.trusted:
                await self._write_sending()
            outcome = await self.queue.submit(outgoing, self.before_send)
        except TooLate:
            why = f"it was not sent: this machine stood still for {FUSE:.0f} s before its first byte"
            return await self._not_accepted("unavailable", why), NotSent(why)
        except BaseException as error:
            await self._interrupted(error)
            raise
        failpoints.reach("call.after_reply")
        if self.veto or (not self.announced and isinstance(outcome, Accepted | Ambiguous)):
            return await self._disobeyed(outcome), outcome
        return await self._record(outcome), outcome

    async def before_send(self) -> None:
        """Bring SENDING to the disk; raises when the request must not go out any more."""
        try:
            self._check()
        except BaseException as error:
            self.veto = error
            raise
        await self._write_sending()
        if not self.announced:
            self._check_fuse()
        self.announced = True

    async def _write_sending(self) -> None:
        if not self.sent:
            failpoints.reach("call.before_sending")
            await self._sending()
            self.sent = True
            failpoints.reach("call.after_sending")

    def _check_fuse(self) -> None:
        """The last thing before the first byte. Raises TooLate."""
        if self.uptime().seconds - self.asked > FUSE:
            self.veto = TooLate()
            raise self.veto

    def _check(self) -> None:
        if self.withdrawn:
            raise Withdrawn
        self.breaker.check(self.attempt.endpoint)

    async def _sending(self) -> None:
        try:
            up = self.uptime()
            self.asked = up.seconds
            at = provider_time(self.queue)
            await self._step("SENDING", Change(sent_by=at, boot=up.boot, uptime=up.seconds))
        except StoreError as error:
            self.breaker.trip(error.message, "local", error.next_step)
            raise

    async def _step(self, to: State, change: Change | None = None) -> Attempt:
        """Advance only from the state that this submission set: another one may be working on the attempt."""
        before: State = "SENDING" if self.sent else "INTENT"
        return await self.ledger.advance(self.attempt.id, to, change, before=before)

    async def _settle(self, to: State, late: State, change: Change) -> Attempt:
        """What a reply says, or that nothing was sent. Another process may have taken this one for dead, and
        the request for one in doubt: then what is known here settles it, as the state `late`. What was never
        SENDING here is the request of somebody else, of which nothing is known here."""
        try:
            return await self._step(to, change)
        except Forbidden:
            if not self.sent or (await self.ledger.get(self.attempt.id)).state != "UNKNOWN":
                raise
            return await self.ledger.advance(self.attempt.id, late, change, before="UNKNOWN")

    async def _not_accepted(self, kind: Kind, why: str) -> Attempt:
        """It is certain that the provider did not accept it."""
        return await self._settle("REJECTED", "ABSENT", Change(error_kind=kind, error=why))

    async def _interrupted(self, error: BaseException) -> None:
        """Record in the ledger what is known of a request whose sending was interrupted."""
        if error is self.veto and self.sent and not self.announced:
            await self._not_accepted("unavailable", "it was not sent")
        elif self.sent:
            reason = "the run was stopped before its reply came" if _stopped(error) else repr(error)
            await self._in_doubt(Change(error_kind="unknown", error=reason))
        elif not isinstance(error, StoreError | Forbidden):
            await self._step("CANCELLED", Change(error="it was not sent"))

    async def _record(self, outcome: Outcome) -> Attempt:
        match outcome:
            case Accepted():
                return await self._accepted(outcome)
            case Refused():
                attempt = await self._not_accepted(outcome.kind, outcome.message)
                failpoints.reach("call.after_refused")
                self.breaker.refused(outcome)
                return attempt
            case NotSent():
                return await self._not_accepted("unavailable", outcome.message)
            case Ambiguous():
                return await self._unknown(outcome.message, outcome.raw, outcome.request_id)

    async def _disobeyed(self, outcome: Outcome) -> Attempt:
        """The queue sent it without a word to us before, or swallowed our veto. It is UNKNOWN, whatever came
        of it, and nothing else is sent: what such a queue says of the request is no proof."""
        if self.veto:
            did = "swallowed what `before_send()` raised, and may have sent it"
        else:
            did = "sent it without `await before_send()`"
        why = f"the queue of {self.queue.name} {did}"
        self.breaker.trip(why, "bug", "repair the provider; callsheet.testing.check_queue tests it")
        if not self.sent:
            await self._write_sending()
        if isinstance(outcome, Accepted | Ambiguous):
            return await self._unknown(why, outcome.raw, outcome.request_id)
        return await self._unknown(why, outcome.message, "")

    async def _accepted(self, reply: Accepted) -> Attempt:
        change = Change(
            request_id=reply.request_id,
            status_url=reply.status_url,
            response_url=reply.response_url,
            cancel_url=reply.cancel_url,
            reply=reply.raw,
        )
        try:
            attempt = await self._settle("ACCEPTED", "ACCEPTED", change)
        except Forbidden as error:
            attempt = await self._unknown(error.message, reply.raw, "")
            if attempt.state == "UNKNOWN":
                return attempt
            if attempt.request_id == reply.request_id:  # found by another process, which goes on with it
                raise
            raise self._untaken(reply, StoreError(f"there it is {attempt.state}")) from error
        except StoreError as error:
            raise self._untaken(reply, error) from error
        failpoints.reach("call.after_accepted")
        return attempt

    def _untaken(self, reply: Accepted, error: StoreError) -> StoreError:
        """The error of an accepted request of which the ledger does not know; nothing more is sent."""
        self.breaker.trip(error.message, "local", error.next_step)
        lost = f"request {reply.request_id} was accepted, but the ledger could not record that"
        return StoreError(
            f"{lost}: {error.message}", f"then `callsheet reconcile --adopt {reply.request_id}`"
        )

    async def _unknown(self, message: str, raw: str, hint: str) -> Attempt:
        """`hint`: a request id that may be the one, from a header."""
        owner = await self.ledger.owner(hint) if hint else None
        request_id = hint if hint and owner is None else None
        at = provider_time(self.queue)
        change = Change(request_id=request_id, reply=raw, error_kind="unknown", error=message, sent_by=at)
        return await self._in_doubt(change)

    async def _in_doubt(self, change: Change) -> Attempt:
        """It is UNKNOWN, or what another process found out of it meanwhile."""
        try:
            return await self._step("UNKNOWN", change)
        except Forbidden:
            return await self.ledger.get(self.attempt.id)


def provider_time(queue: Queue) -> float | None:
    """The provider's time, or a little later: dates come in whole seconds, from several machines."""
    now = queue.provider_time()
    return None if now is None else now + RESOLUTION


def _stopped(error: BaseException) -> bool:
    return isinstance(error, asyncio.CancelledError | KeyboardInterrupt | SystemExit)
