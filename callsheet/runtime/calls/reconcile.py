"""Resolves requests that are UNKNOWN: they may or may not have been accepted.

Only a proof or a person's decision leads out of that state. A proof is a request in the provider's listing
that can be no other, or its absence after a time in which it must have shown up.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from callsheet import failpoints
from callsheet.errors import InputError
from callsheet.nodes.queue.protocol import Accepted, Found, Queue, QueueError
from callsheet.runtime import keys
from callsheet.runtime.ledger import Attempt, Change, Ledger

GRACE: Final = 600.0
"""Seconds before absence is believed: a listing lags, and may show a request only when it is over."""
SKEW: Final = 300.0
"""Seconds that the provider's clock may differ from ours."""
SENDING: Final = 150.0
"""Seconds between our SENDING and the last moment at which the provider can have taken it."""

Verdict = Literal["found", "absent", "hold"]


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look-up says of an attempt. request_id: when found. reason: one sentence, for a person.
    candidates: the request ids that it may be."""

    attempt: Attempt
    verdict: Verdict
    reason: str
    request_id: str = ""
    candidates: tuple[str, ...] = ()


async def reconcile(ledger: Ledger, queue: Queue, now: float, grace: float = GRACE) -> list[Finding]:
    """Look up every UNKNOWN attempt at `queue`'s provider and act on what is proven.

    now: seconds since the epoch; grace: seconds. Raises QueueError when the listing cannot be read.
    """
    findings = []
    for attempt in await ledger.attempts("UNKNOWN"):
        if attempt.provider == queue.name:
            finding = await look_up(ledger, queue, attempt, now, grace)
            await _act(ledger, finding)
            findings.append(finding)
    return findings


async def look_up(
    ledger: Ledger, queue: Queue, attempt: Attempt, now: float, grace: float = GRACE
) -> Finding:
    """What the provider's listing says of an UNKNOWN attempt. Changes nothing. Raises QueueError."""
    if attempt.request_id and await _answers(queue, attempt):
        return Finding(attempt, "found", "the provider knows the id it replied with", attempt.request_id)
    if queue.recovery != "listing":
        reason = f"{queue.name} has no listing to look it up in; decide with --lost or --pay-again"
        return Finding(attempt, "hold", reason)
    listed = await queue.find(attempt.endpoint, _since(attempt) - SKEW)
    unclaimed = [found for found in listed if await _may_belong(ledger, found, attempt)]
    rivals = await _rivals(ledger, attempt)
    return judge(attempt, unclaimed, rivals, now, grace)


def judge(
    attempt: Attempt, listed: Sequence[Found], rivals: int, now: float, grace: float = GRACE
) -> Finding:
    """The verdict on `attempt`, given the listed requests that nobody has claimed and the number of other
    attempts in doubt that asked for exactly the same."""
    near = [found for found in listed if _in_time(found, attempt)]
    same = [found for found in near if _same(found, attempt)]
    possible = tuple(found.request_id for found in near if _possible(found, attempt))
    if len(same) == 1 and len(possible) == 1 and not rivals:
        return Finding(attempt, "found", "exactly one request is the same", same[0].request_id)
    if possible:
        others = f", and {rivals} more of ours asked for the same" if rivals else ""
        return Finding(attempt, "hold", f"{len(possible)} requests may be it{others}", "", possible)
    if now < _since(attempt) + max(grace, SENDING):
        left = _since(attempt) + max(grace, SENDING) - now
        return Finding(attempt, "hold", f"not listed, but that is too early to tell (for {left:.0f} s more)")
    return Finding(attempt, "absent", "no request in the listing can be it: it was never accepted")


async def adopt(ledger: Ledger, attempt: Attempt, request_id: str) -> Attempt:
    """A person says: this request is that attempt. It is ACCEPTED then, and polled by the next run.

    Raises InputError when the request belongs to another attempt or the attempt is not in doubt.
    """
    owner = await ledger.owner(request_id)
    if owner is not None and owner.id != attempt.id:
        raise InputError(f"request {request_id} already belongs to {owner.address}", "give another id")
    _in_doubt(attempt, "UNKNOWN", "LOST", "FAILED")
    return await _decide(ledger, attempt, "ACCEPTED", Change(request_id=request_id, decision="adopted"))


async def declare_lost(ledger: Ledger, attempt: Attempt) -> Attempt:
    """A person gives an attempt up. It stays counted as spent. Raises InputError when it is not in doubt."""
    _in_doubt(attempt, "UNKNOWN")
    return await _decide(ledger, attempt, "LOST", Change(decision="declared lost"))


async def pay_again(ledger: Ledger, attempt: Attempt) -> Attempt:
    """A person accepts that it may be paid twice: the next run makes a new attempt.

    Raises InputError when it is not in doubt.
    """
    _in_doubt(attempt, "UNKNOWN")
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
    decided = await ledger.advance(attempt.id, to, change)
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


async def _may_belong(ledger: Ledger, found: Found, attempt: Attempt) -> bool:
    """Not to another attempt. Its own, by a hint that did not answer, is the best candidate of all."""
    owner = await ledger.owner(found.request_id)
    return owner is None or owner.id == attempt.id


async def _rivals(ledger: Ledger, attempt: Attempt) -> int:
    doubtful = await ledger.attempts("SENDING", "UNKNOWN", "LOST")
    return sum(
        other.id != attempt.id and (other.endpoint, other.body) == (attempt.endpoint, attempt.body)
        for other in doubtful
    )


def _since(attempt: Attempt) -> float:
    return attempt.sending or attempt.created


def _in_time(found: Found, attempt: Attempt) -> bool:
    """A seed drawn for this attempt alone needs no clock."""
    if attempt.nonce and _same(found, attempt):
        return True
    return -SKEW <= found.sent_at - _since(attempt) <= SENDING + SKEW


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


def _may_equal(listed: object, asked: object) -> bool:
    if isinstance(asked, Mapping) and "$secret" in asked:
        return True
    return listed == asked


def _in_doubt(attempt: Attempt, *states: str) -> None:
    if attempt.state not in states:
        raise InputError(
            f"{attempt.address} is {attempt.state}: its outcome is known",
            "`callsheet reconcile` lists requests with an unknown outcome",
        )
