"""Resolves requests that are UNKNOWN: they may or may not have been accepted.

Only a proof or a person's decision leads out of that state. A proof is a request in the provider's listing
that can be no other, or its absence after a time in which it must have shown up. That time is measured by the
provider's own clock, or by the uptime of this machine: its date can be set by anybody.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Literal

from callsheet import failpoints
from callsheet.errors import InputError
from callsheet.nodes.queue.protocol import Accepted, Found, Queue, QueueError
from callsheet.runtime import keys
from callsheet.runtime.calls.clock import Clock, Uptime
from callsheet.runtime.calls.submit import FUSE, provider_time
from callsheet.runtime.ledger import UNFETCHED, Attempt, Change, Forbidden, Ledger, State
from callsheet.spec.wording import shown

GRACE: Final = 600.0
"""Seconds before absence is believed: a listing lags, and may show a request only when it is over."""
SKEW: Final = 300.0
"""Seconds that the provider's clock may differ from ours."""
SENDING: Final = 150.0
"""Seconds between our SENDING and the last moment at which the provider can have taken it."""

MONTH: Final = 28 * 86400.0
"""Seconds that a listing reaches back. fal keeps thirty days (https://docs.fal.ai, 2026)."""

GIVING_UP: Final[tuple[State, ...]] = ("UNKNOWN", *UNFETCHED)
PAYING_AGAIN: Final[tuple[State, ...]] = (*GIVING_UP, "COMMITTED")
"""What is here is bought anew where its files are gone from the store and from the provider."""
ADOPTING: Final[tuple[State, ...]] = ("UNKNOWN", "LOST", "FAILED")

Verdict = Literal["found", "absent", "hold"]


@dataclass(frozen=True, slots=True)
class Sent:
    """When a request was sent, in seconds since the epoch. certain: by the provider's clock; else by the date
    of this machine, which may have been wrong."""

    at: float
    certain: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look-up says of an attempt. request_id: when found. reason: one sentence, for a person.
    candidates: the request ids that it may be."""

    attempt: Attempt
    verdict: Verdict
    reason: str
    request_id: str = ""
    candidates: tuple[str, ...] = ()


async def reconcile(ledger: Ledger, queue: Queue, clock: Clock, grace: float = GRACE) -> list[Finding]:
    """Look up every UNKNOWN attempt at `queue`'s provider and act on what is proven.

    grace: seconds. Raises QueueError when the listing cannot be read.
    """
    findings = []
    for attempt in await ledger.attempts("UNKNOWN"):
        if attempt.provider == queue.name:
            finding = await look_up(ledger, queue, attempt, clock, grace)
            with suppress(Forbidden):  # another process was quicker: of this attempt, or of the same request
                await _act(ledger, finding)
                findings.append(finding)
    return findings


async def look_up(
    ledger: Ledger, queue: Queue, attempt: Attempt, clock: Clock, grace: float = GRACE
) -> Finding:
    """What the provider's listing says of an UNKNOWN attempt. Of its state it changes nothing; when it was
    looked for first is noted, where nothing better tells how long ago it was sent. Raises QueueError."""
    if attempt.request_id and await _answers(queue, attempt):
        return Finding(attempt, "found", "the provider knows the id it replied with", attempt.request_id)
    if queue.recovery != "listing":
        reason = f"{queue.name} has no listing to look it up in; decide with --lost or --pay-again"
        return Finding(attempt, "hold", reason)
    since = (attempt.sending or attempt.created) - SKEW
    listed = await queue.find(attempt.endpoint, since)
    at, up = queue.provider_time(), clock.uptime()
    seconds, sent = elapsed(attempt, at, up), when_sent(attempt, at, up)
    if seconds is None:
        at = provider_time(queue)
        await ledger.note(attempt.id, Change(sent_by=at, looked_boot=up.boot, looked_uptime=up.seconds))
    rivals = await _rivals(ledger, attempt)
    finding = judge(attempt, await _unclaimed(ledger, listed, attempt), rivals, sent, seconds, grace)
    early = sent.at - SKEW if sent.certain else (attempt.sent_by or 0.0) - MONTH
    if finding.verdict != "found" and early < since and (sent.certain or finding.verdict == "absent"):
        listed = await queue.find(attempt.endpoint, max(0.0, early))
        finding = judge(attempt, await _unclaimed(ledger, listed, attempt), rivals, sent, seconds, grace)
    if finding.verdict == "absent" and clock.now() - (attempt.sending or attempt.created) > MONTH:
        return Finding(attempt, "hold", "the listing may not reach back to when it was sent")
    return finding


def elapsed(attempt: Attempt, at: float | None, up: Uptime) -> float | None:
    """Seconds since an attempt had certainly been sent: at least so many; None when nobody can tell.

    at: the provider's time now, up: this machine's uptime.
    """
    by_provider = None if at is None or attempt.sent_by is None else at - attempt.sent_by
    by_sending = _since(attempt.boot, attempt.uptime, up)
    by_look = _since(attempt.looked_boot, attempt.looked_uptime, up)
    return max((s for s in (by_provider, by_sending, by_look) if s is not None and s >= 0), default=None)


def when_sent(attempt: Attempt, at: float | None, up: Uptime) -> Sent:
    """When an attempt was sent by the provider's clock, or else by the date that this machine had then."""
    seconds = _since(attempt.boot, attempt.uptime, up)
    if at is not None and seconds is not None and seconds >= 0:
        return Sent(at - seconds, certain=True)
    return Sent(attempt.sending or attempt.created, certain=False)


def _since(boot: str, uptime: float | None, up: Uptime) -> float | None:
    """Seconds since a moment of the same boot."""
    return up.seconds - uptime if boot == up.boot and uptime is not None else None


def judge(
    attempt: Attempt,
    listed: Sequence[Found],
    rivals: int,
    sent: Sent,
    seconds: float | None,
    grace: float = GRACE,
) -> Finding:
    """The verdict on `attempt`, given the listed requests that nobody has claimed, the number of other
    attempts in doubt that asked for exactly the same, when it was sent, and how long ago that is at least."""
    near = [found for found in listed if _in_time(found, attempt, sent)]
    same = [found for found in near if _same(found, attempt)]
    possible = tuple(found.request_id for found in near if _possible(found, attempt))
    if len(same) == 1 and len(possible) == 1 and not rivals:
        return Finding(attempt, "found", "exactly one request is the same", same[0].request_id)
    if possible:
        others = f", and {rivals} more of ours asked for the same" if rivals else ""
        return Finding(attempt, "hold", f"{len(possible)} requests may be it{others}", "", possible)
    needed = FUSE + max(grace, SENDING)
    if seconds is None or seconds < needed:
        left = needed - (seconds or 0.0)
        return Finding(attempt, "hold", f"not listed, but that is too early to tell (for {left:.0f} s more)")
    distant = tuple(f.request_id for f in listed if not sent.certain and _asked_for(f, attempt))
    if distant:
        reason = "this machine's date may have been wrong when it was sent, so one of another time may be it"
        return Finding(attempt, "hold", reason, "", distant)
    return Finding(attempt, "absent", "no request in the listing can be it: it was never accepted")


async def adopt(
    ledger: Ledger, queue: Queue, attempt: Attempt, request_id: str, unseen: bool = False
) -> Attempt:
    """A person says: this request is that attempt. The provider is asked first whether it has such a request,
    and whether that asked for the same. The attempt is ACCEPTED then, and polled by the next run.

    unseen: also when the provider does not tell what the request asked for. Raises InputError when it cannot
    be, or belongs to another attempt, or the attempt is not in doubt; QueueError when the provider does not
    answer.
    """
    _in_doubt(attempt, *ADOPTING)
    owner = await ledger.owner(request_id)
    if owner is not None and owner.id != attempt.id:
        raise InputError(f"request {request_id} already belongs to {owner.address}", "give another id")
    live = await ledger.live(attempt.key)
    if live is not None and live.id != attempt.id:
        raise InputError(
            f"a newer request of {attempt.address} is {live.state} already", "give that one up first: --lost"
        )
    await _check_known(queue, attempt, request_id)
    await _check_same(queue, attempt, request_id, unseen)
    change = Change(request_id=request_id, decision="adopted", error="", error_kind="")
    return await _decide(ledger, attempt, "ACCEPTED", change)


async def declare_lost(ledger: Ledger, attempt: Attempt) -> Attempt:
    """A person gives up an attempt that is in doubt, or paid and not fetched. It stays counted as spent.

    Raises InputError for any other.
    """
    _in_doubt(attempt, *GIVING_UP)
    return await _decide(ledger, attempt, "LOST", Change(decision="declared lost"))


async def pay_again(ledger: Ledger, attempt: Attempt) -> Attempt:
    """A person accepts that it may be paid twice: the next run makes a new attempt.

    Raises InputError when the attempt is neither in doubt nor paid.
    """
    _in_doubt(attempt, *PAYING_AGAIN)
    return await _decide(ledger, attempt, "LOST", Change(decision="pay again"))


async def _act(ledger: Ledger, finding: Finding) -> None:
    if finding.verdict == "found":
        change = Change(request_id=finding.request_id, decision=f"found: {finding.reason}")
        await _decide(ledger, finding.attempt, "ACCEPTED", change)
    elif finding.verdict == "absent":
        await _decide(ledger, finding.attempt, "ABSENT", Change(decision=finding.reason))


async def _decide(
    ledger: Ledger, attempt: Attempt, to: Literal["ACCEPTED", "ABSENT", "LOST"], change: Change
) -> Attempt:
    failpoints.reach("reconcile.before_decision")
    decided = await ledger.advance(attempt.id, to, change, before=attempt.state)
    failpoints.reach("reconcile.after_decision")
    return decided


async def _answers(queue: Queue, attempt: Attempt) -> bool:
    """Whether the provider knows the request id that came as a hint."""
    try:
        await queue.status(attempt.endpoint, Accepted(attempt.request_id, "", "", ""))
    except QueueError as error:
        if error.passing and not error.gone:
            raise
        return False
    return True


async def _unclaimed(ledger: Ledger, listed: Sequence[Found], attempt: Attempt) -> list[Found]:
    """The listed requests that belong to no other attempt. Its own, by a hint that did not answer, is the
    best candidate of all."""
    owners = [(found, await ledger.owner(found.request_id)) for found in listed]
    return [found for found, owner in owners if owner is None or owner.id == attempt.id]


async def _rivals(ledger: Ledger, attempt: Attempt) -> int:
    doubtful = await ledger.attempts("SENDING", "UNKNOWN", "LOST")
    return sum(
        other.id != attempt.id and (other.endpoint, other.body) == (attempt.endpoint, attempt.body)
        for other in doubtful
    )


async def _check_known(queue: Queue, attempt: Attempt, request_id: str) -> None:
    """Raises InputError for a request that the provider does not know, QueueError when it does not say."""
    try:
        await queue.status(attempt.endpoint, Accepted(request_id, "", "", ""))
    except QueueError as error:
        if not error.gone:
            raise
        raise InputError(
            f"{queue.name} knows no request {request_id} of {attempt.endpoint}",
            "look the id up at the provider",
        ) from None


async def _check_same(queue: Queue, attempt: Attempt, request_id: str, unseen: bool) -> None:
    """Raises InputError for a request that asked for something else, or may have: also where the provider has
    no listing that tells, unless the person is certain (`unseen`)."""
    listed: Sequence[Found] = ()
    sent = attempt.sending or attempt.created
    try:
        early = min(sent, queue.provider_time() or sent) - MONTH
        if queue.recovery == "listing":
            listed = await queue.find(attempt.endpoint, max(0.0, early))
    except QueueError:
        if not unseen:
            raise
    found = next((found for found in listed if found.request_id == request_id and found.body), None)
    if found is not None and not _possible(found, attempt):
        raise InputError(
            f"request {request_id} asked for something else ({_difference(found, attempt)})",
            "give another id",
        )
    if found is None and not unseen:
        wait = "try again when it is over and listed, or " if queue.recovery == "listing" else ""
        raise InputError(
            f"{queue.name} does not tell what request {request_id} asked for, so it may be another one",
            f"{wait}add --unseen if you are certain",
        )


def _difference(found: Found, attempt: Attempt) -> str:
    """The first parameter that differs, in words."""
    asked = json.loads(attempt.body)
    name = next(n for n, v in asked.items() if n not in found.body or not _may_equal(found.body[n], v))
    return f"{name}: {shown(found.body.get(name))} where {shown(asked[name])} was asked for"


def _in_time(found: Found, attempt: Attempt, sent: Sent) -> bool:
    """A seed drawn for this attempt alone needs no clock."""
    if attempt.nonce and _same(found, attempt):
        return True
    return -SKEW <= found.sent_at - sent.at <= SENDING + SKEW


def _same(found: Found, attempt: Attempt) -> bool:
    try:
        return keys.canonical(dict(found.body)).decode("utf-8", "surrogatepass") == attempt.body
    except (ValueError, TypeError, RecursionError):
        return False


def _possible(found: Found, attempt: Attempt) -> bool:
    """Whether the listed body may be ours: not recorded, or ours with more fields filled in."""
    asked = json.loads(attempt.body)
    return not found.body or all(
        name in found.body and _may_equal(found.body[name], value) for name, value in asked.items()
    )


def _asked_for(found: Found, attempt: Attempt) -> bool:
    """Whether the listed body is ours, or ours with more fields filled in."""
    return bool(found.body) and _possible(found, attempt)


def _may_equal(listed: object, asked: object) -> bool:
    if isinstance(asked, Mapping) and "$secret" in asked:
        return True
    return listed == asked


def _in_doubt(attempt: Attempt, *states: State) -> None:
    if attempt.state not in states:
        raise InputError(
            f"{attempt.address} is {attempt.state}: its outcome is known",
            "`callsheet reconcile` lists requests with an unknown outcome",
        )
