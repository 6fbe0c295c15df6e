"""Settling what is in doubt: what proves a request to be ours, or never to have been accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from callsheet.errors import InputError
from callsheet.nodes.queue.protocol import Accepted, Found, QueueError, Recovery, Status
from callsheet.runtime.calls.reconcile import (
    GRACE,
    Finding,
    adopt,
    declare_lost,
    look_up,
    pay_again,
    reconcile,
)
from callsheet.runtime.ledger import Attempt, Change, Intent, MemoryLedger, NewRun

SENT = 1_000.0
LATER = SENT + GRACE + 1
OURS = {"prompt": "p"}


class Listing:
    """A provider that lists `found` and knows the ids in `known`."""

    name = "fal"
    recovery: Recovery = "listing"

    def __init__(self, *found: Found, known: Sequence[str] = ()) -> None:
        self.found = found
        self.known = known
        self.since: float | None = None

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        self.since = since
        return self.found

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        if accepted.request_id not in self.known:
            raise QueueError("404", "failed", gone=True)
        return Status("completed")


def listed(request_id: str = "r", sent: float = SENT, body: dict[str, object] | None = None) -> Found:
    return Found(request_id, "model", sent, OURS if body is None else body)


async def doubtful(ledger: MemoryLedger, key: str = "k", nonce: bool = False, hint: str = "") -> Attempt:
    attempt = await ledger.intend(Intent(key, "fal", "model", '{"prompt":"p"}', 1, key, 5, key, nonce=nonce))
    await ledger.advance(attempt.id, "SENDING")
    return await ledger.advance(attempt.id, "UNKNOWN", Change(request_id=hint or None))


def finding(queue: Any, now: float = LATER, **named: Any) -> Finding:
    async def look() -> Finding:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        return await look_up(ledger, queue, await doubtful(ledger, **named), now)

    return asyncio.run(look())


def test_exactly_one_that_is_the_same_is_ours() -> None:
    queue = Listing(listed(), listed("other", body={"prompt": "q"}))
    assert (finding(queue).verdict, finding(queue).request_id) == ("found", "r")
    assert queue.since is not None and queue.since < SENT


@pytest.mark.parametrize(
    "others",
    [
        [listed("r2")],
        [listed("r2", body={})],
        [listed("r2", body={"prompt": "p", "seed": 5})],
    ],
    ids=["twin", "no-body", "more-fields"],
)
def test_when_several_may_be_ours_it_stays_in_doubt(others: list[Found]) -> None:
    found = finding(Listing(listed(), *others))
    assert found.verdict == "hold"
    assert found.candidates == ("r", "r2")


@pytest.mark.parametrize("body", [{}, {"prompt": "p", "seed": 5}])
def test_what_may_be_ours_is_no_proof_of_absence(body: dict[str, object]) -> None:
    assert finding(Listing(listed(body=body))).verdict == "hold"


@pytest.mark.parametrize("sent", [SENT - 301, SENT + 600])
def test_another_time_is_another_request(sent: float) -> None:
    assert finding(Listing(listed(sent=sent))).verdict == "absent"


@pytest.mark.parametrize("sent", [SENT - 299, SENT + 400])
def test_clocks_may_differ_a_little(sent: float) -> None:
    assert finding(Listing(listed(sent=sent))).verdict == "found"


def test_a_seed_of_ours_needs_no_clock() -> None:
    assert finding(Listing(listed(sent=SENT + 3000)), nonce=True).verdict == "found"


def test_absence_is_believed_after_a_while_only() -> None:
    assert finding(Listing(), now=SENT + GRACE - 1).verdict == "hold"
    assert finding(Listing(), now=SENT + GRACE + 1).verdict == "absent"


def test_without_a_listing_it_stays_in_doubt() -> None:
    queue = Listing()
    queue.recovery = "none"
    assert finding(queue).verdict == "hold"


def test_an_id_that_came_with_the_reply_is_asked_about() -> None:
    assert finding(Listing(known=["h"]), hint="h").request_id == "h"
    assert finding(Listing(), hint="h").verdict == "absent"


def test_its_own_hint_does_not_hide_a_request() -> None:
    assert finding(Listing(listed("h")), hint="h").verdict == "found"


def test_what_belongs_to_another_attempt_is_not_ours() -> None:
    async def look() -> list[Finding]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        await ledger.advance((await doubtful(ledger, "x")).id, "ACCEPTED", Change(request_id="r"))
        await doubtful(ledger, "y")
        return await reconcile(ledger, Listing(listed()), LATER)  # type: ignore[arg-type]

    assert [f.verdict for f in asyncio.run(look())] == ["absent"]


def test_two_of_ours_that_are_the_same_stay_in_doubt() -> None:
    async def look() -> tuple[list[Finding], list[str]]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        await doubtful(ledger, "x")
        await doubtful(ledger, "y")
        findings = await reconcile(ledger, Listing(listed()), LATER)  # type: ignore[arg-type]
        return findings, [a.state for a in await ledger.attempts()]

    findings, states = asyncio.run(look())
    assert states == ["UNKNOWN", "UNKNOWN"]
    assert "1 more of ours asked for the same" in findings[0].reason


def test_what_is_proven_is_written_down() -> None:
    async def settle(queue: Any) -> Attempt:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        attempt = await doubtful(ledger)
        await reconcile(ledger, queue, LATER)
        return await ledger.get(attempt.id)

    found = asyncio.run(settle(Listing(listed())))
    assert (found.state, found.request_id, found.spent) == ("ACCEPTED", "r", 5)
    absent = asyncio.run(settle(Listing()))
    assert (absent.state, absent.spent) == ("ABSENT", 0)


def test_a_person_decides() -> None:
    async def decide() -> list[tuple[str, str, int]]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        await adopt(ledger, await doubtful(ledger, "x"), "r")
        await declare_lost(ledger, await doubtful(ledger, "y"))
        await pay_again(ledger, await doubtful(ledger, "z"))
        with pytest.raises(InputError, match="already belongs to x"):
            await adopt(ledger, await ledger.get(2), "r")
        with pytest.raises(InputError, match="x is ACCEPTED: its outcome is known"):
            await declare_lost(ledger, await ledger.get(1))
        return [(a.state, a.decision, a.spent) for a in await ledger.attempts()]

    assert asyncio.run(decide()) == [
        ("ACCEPTED", "adopted", 5),
        ("LOST", "declared lost", 5),
        ("LOST", "pay again", 5),
    ]
