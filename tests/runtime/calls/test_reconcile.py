"""Settling what is in doubt: what proves a request to be ours, or never to have been accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

import pytest

from callsheet.errors import InputError
from callsheet.nodes.queue.protocol import Accepted, Found, QueueError, Recovery, Status
from callsheet.runtime.calls.clock import Clock, Uptime
from callsheet.runtime.calls.reconcile import (
    GRACE,
    Finding,
    adopt,
    declare_lost,
    look_up,
    pay_again,
    reconcile,
)
from callsheet.runtime.calls.submit import FUSE
from callsheet.runtime.ledger import Attempt, Change, Intent, MemoryLedger, NewRun
from tests.runtime.ledger.steps import stepped

SENT = 1e9
UP = 5_000.0
WAIT = FUSE + GRACE
"""Seconds after which absence is believed."""
OURS = {"prompt": "p"}


class Listing:
    """A provider that lists `found` and knows the ids in `known`."""

    name = "fal"
    recovery: Recovery = "listing"
    silent = False

    def __init__(self, *found: Found, known: Sequence[str] = ()) -> None:
        self.found = found
        self.known = known
        self.since: list[float] = []
        self.time: float | None = None

    async def find(self, endpoint: str, since: float) -> Sequence[Found]:
        self.since.append(since)
        return [found for found in self.found if found.sent_at >= since]

    def provider_time(self) -> float | None:
        return self.time

    async def status(self, endpoint: str, accepted: Accepted) -> Status:
        if self.silent:
            raise QueueError("503", "unavailable", passing=True)
        if accepted.request_id not in self.known:
            raise QueueError("404", "failed", gone=True)
        return Status("completed")


def at(queue: Listing, time: float = SENT + WAIT + 1) -> Listing:
    """The same, at this time by its own clock."""
    queue.time = time
    return queue


def listed(request_id: str = "r", sent: float = SENT, body: dict[str, object] | None = None) -> Found:
    return Found(request_id, "model", sent, OURS if body is None else body)


class Machine:
    """Whose date may be wrong: date and seconds of uptime are told apart."""

    def __init__(self, up: float = UP + WAIT + 1, boot: str = "boot", date: float = SENT) -> None:
        self.up, self.boot, self.date = up, boot, date

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.date, uptime=lambda: Uptime(self.boot, self.up))


async def doubtful(ledger: MemoryLedger, key: str = "k", nonce: bool = False, hint: str = "") -> Attempt:
    """An attempt whose outcome is unknown, sent after the machine was up for UP seconds."""
    attempt = await ledger.intend(
        Intent(key, "fal", "model", '{"prompt":"p"}', 1, key, 5, key, nonce=nonce), None
    )
    await stepped(ledger, attempt.id, "SENDING", Change(boot="boot", uptime=UP))
    return await stepped(ledger, attempt.id, "UNKNOWN", Change(request_id=hint or None))


def finding(queue: Any, machine: Machine | None = None, **named: Any) -> Finding:
    return looks(queue, machine or Machine(), **named)[-1]


def looks(queue: Any, *machines: Machine, times: Sequence[float | None] = (), **named: Any) -> list[Finding]:
    """What each look says, one after the other. times: the provider's at each of them."""

    async def look() -> list[Finding]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        attempt, findings = await doubtful(ledger, **named), []
        for number, machine in enumerate(machines):
            queue.time = times[number] if times else queue.time
            findings.append(await look_up(ledger, queue, attempt, machine.clock))
            attempt = await ledger.get(attempt.id)
        return findings

    return asyncio.run(look())


def test_exactly_one_that_is_the_same_is_ours() -> None:
    queue = Listing(listed(), listed("other", body={"prompt": "q"}))
    assert (finding(queue).verdict, finding(queue).request_id) == ("found", "r")
    assert queue.since and queue.since[0] < SENT


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
def test_another_time_is_another_request_where_the_provider_s_clock_tells_it(sent: float) -> None:
    queue = Listing(listed(sent=sent))
    queue.time = SENT + WAIT + 1
    assert finding(queue).verdict == "absent"


@pytest.mark.parametrize("sent", [SENT - 301, SENT + 600, SENT - 20 * 86400])
def test_without_its_clock_one_of_another_time_may_be_ours(sent: float) -> None:
    """The date of this machine may have been wrong when it was sent."""
    found = finding(Listing(listed(sent=sent)))
    assert (found.verdict, found.candidates) == ("hold", ("r",))


@pytest.mark.parametrize("sent", [SENT - 299, SENT + 400])
def test_clocks_may_differ_a_little(sent: float) -> None:
    assert finding(Listing(listed(sent=sent))).verdict == "found"


def test_a_seed_of_ours_needs_no_clock() -> None:
    assert finding(Listing(listed(sent=SENT + 3000)), nonce=True).verdict == "found"


@pytest.mark.parametrize("wrong", [-3600.0, 3600.0, 400 * 86400.0])
def test_a_request_is_found_though_the_date_was_wrong_when_it_was_sent(wrong: float) -> None:
    queue = Listing(listed(sent=SENT - wrong))
    queue.time = SENT - wrong + WAIT + 1
    assert finding(queue).verdict == "found"


def test_absence_is_believed_after_a_while_only() -> None:
    assert finding(Listing(), Machine(UP + WAIT - 1)).verdict == "hold"
    assert finding(Listing(), Machine(UP + WAIT + 1)).verdict == "absent"


@pytest.mark.parametrize("date", [SENT - 3600, SENT + 3600, SENT + 20 * 86400])
def test_the_date_of_this_machine_proves_nothing(date: float) -> None:
    assert finding(Listing(), Machine(UP + 60, date=date)).verdict == "hold"
    assert finding(Listing(), Machine(UP + 60, "another boot", date)).verdict == "hold"


def test_absence_is_proven_by_two_looks_after_another_boot() -> None:
    machines = (Machine(50, "second"), Machine(50 + WAIT - 1, "second"), Machine(50 + WAIT + 1, "second"))
    assert [f.verdict for f in looks(Listing(), *machines)] == ["hold", "hold", "absent"]
    machines = (Machine(50, "second"), Machine(9000, "third"))
    assert [f.verdict for f in looks(Listing(), *machines)] == ["hold", "hold"]


def test_absence_is_proven_by_the_provider_s_clock() -> None:
    machines = [Machine(50, boot) for boot in ("second", "third", "fourth")]
    times = (SENT + 90_000, SENT + 90_000 + WAIT, SENT + 90_000 + WAIT + 10)
    assert [f.verdict for f in looks(Listing(), *machines, times=times)] == ["hold", "hold", "absent"]


def test_a_listing_that_does_not_reach_back_proves_nothing() -> None:
    machine = Machine(UP + 40 * 86400, date=SENT + 40 * 86400)
    assert finding(Listing(), machine).verdict == "hold"


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
        await stepped(ledger, (await doubtful(ledger, "x")).id, "ACCEPTED", Change(request_id="r"))
        await doubtful(ledger, "y")
        return await reconcile(ledger, at(Listing(listed())), Machine().clock)  # type: ignore[arg-type]

    assert [f.verdict for f in asyncio.run(look())] == ["absent"]


def test_two_of_ours_that_are_the_same_stay_in_doubt() -> None:
    async def look() -> tuple[list[Finding], list[str]]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        await doubtful(ledger, "x")
        await doubtful(ledger, "y")
        findings = await reconcile(ledger, Listing(listed()), Machine().clock)  # type: ignore[arg-type]
        return findings, [a.state for a in await ledger.attempts()]

    findings, states = asyncio.run(look())
    assert states == ["UNKNOWN", "UNKNOWN"]
    assert "1 more of ours asked for the same" in findings[0].reason


def test_what_is_proven_is_written_down() -> None:
    async def settle(queue: Any) -> Attempt:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        attempt = await doubtful(ledger)
        await reconcile(ledger, queue, Machine().clock)
        return await ledger.get(attempt.id)

    found = asyncio.run(settle(Listing(listed())))
    assert (found.state, found.request_id, found.spent) == ("ACCEPTED", "r", 5)
    absent = asyncio.run(settle(Listing()))
    assert (absent.state, absent.spent) == ("ABSENT", 0)


def decided(work: Callable[[MemoryLedger], Awaitable[object]]) -> list[tuple[str, str, int]]:
    """(state, decision, spent) of each attempt after `work`."""

    async def decide() -> list[tuple[str, str, int]]:
        ledger = MemoryLedger(lambda: SENT)
        await ledger.start_run(NewRun("a", "film.yaml"))
        await work(ledger)
        return [(a.state, a.decision, a.spent) for a in await ledger.attempts()]

    return asyncio.run(decide())


def test_a_person_decides() -> None:
    async def work(ledger: MemoryLedger) -> None:
        queue = Listing(listed(), known=["r"])
        await adopt(ledger, queue, await doubtful(ledger, "x"), "r")
        await declare_lost(ledger, await doubtful(ledger, "y"))
        await pay_again(ledger, await doubtful(ledger, "z"))
        with pytest.raises(InputError, match="already belongs to x"):
            await adopt(ledger, queue, await ledger.get(2), "r")
        with pytest.raises(InputError, match="z is LOST"):
            await declare_lost(ledger, await ledger.get(3))

    assert decided(work) == [
        ("ACCEPTED", "adopted", 5),
        ("LOST", "declared lost", 5),
        ("LOST", "pay again", 5),
    ]


@pytest.mark.parametrize("end", ["ACCEPTED", "RESULT"])
@pytest.mark.parametrize("decide", [declare_lost, pay_again])
def test_what_is_paid_and_not_fetched_is_given_up_by_a_person_alone(decide: Any, end: Any) -> None:
    async def work(ledger: MemoryLedger) -> None:
        attempt = await doubtful(ledger, "x", hint="r")
        attempt = await stepped(ledger, attempt.id, "ACCEPTED")
        if end == "RESULT":
            attempt = await stepped(ledger, attempt.id, "RESULT", Change(result="{}"))
        await decide(ledger, attempt)
        await doubtful(ledger, "x2")

    assert decided(work)[0][0] == "LOST"


@pytest.mark.parametrize(
    ("queue", "says"),
    [
        (Listing(), "knows no request r"),
        (Listing(known=["r"]), "does not tell what request r asked for"),
        (Listing(listed(body={}), known=["r"]), "does not tell what request r asked for"),
        (Listing(listed(body={"prompt": "q"}), known=["r"]), 'prompt: "q" where "p" was asked for'),
        (Listing(listed(body={"seed": 1}), known=["r"]), "asked for something else"),
    ],
)
def test_the_provider_is_asked_about_a_request_that_a_person_names(queue: Listing, says: str) -> None:
    async def work(ledger: MemoryLedger) -> None:
        with pytest.raises(InputError, match=says) as caught:
            await adopt(ledger, queue, await doubtful(ledger), "r")
        assert caught.value.next_step

    assert decided(work) == [("UNKNOWN", "", 5)]


def test_a_person_may_be_certain_of_what_nobody_sees() -> None:
    async def work(ledger: MemoryLedger) -> None:
        await adopt(ledger, Listing(known=["r"]), await doubtful(ledger), "r", unseen=True)
        other = Listing(listed("s", body={"prompt": "q"}), known=["s"])
        with pytest.raises(InputError, match="asked for something else"):
            await adopt(ledger, other, await doubtful(ledger, "x"), "s", unseen=True)

    assert decided(work)[0] == ("ACCEPTED", "adopted", 5)


def test_without_a_listing_a_person_has_to_be_certain() -> None:
    queue = Listing(known=["r"])
    queue.recovery = "none"

    async def work(ledger: MemoryLedger) -> None:
        attempt = await doubtful(ledger)
        with pytest.raises(InputError, match="may be another one") as caught:
            await adopt(ledger, queue, attempt, "r")  # type: ignore[arg-type]
        assert caught.value.next_step == "add --unseen if you are certain"
        await adopt(ledger, queue, attempt, "r", unseen=True)  # type: ignore[arg-type]

    assert decided(work) == [("ACCEPTED", "adopted", 5)]


def test_a_provider_that_does_not_answer_is_asked_later() -> None:
    queue = Listing(listed(), known=["r"])
    queue.silent = True

    async def work(ledger: MemoryLedger) -> None:
        with pytest.raises(QueueError, match="503"):
            await adopt(ledger, queue, await doubtful(ledger), "r")

    assert decided(work) == [("UNKNOWN", "", 5)]


def test_what_was_given_up_is_adopted_unless_a_newer_request_is_under_way() -> None:
    async def work(ledger: MemoryLedger) -> None:
        queue = Listing(listed(), known=["r"])
        lost = await declare_lost(ledger, await doubtful(ledger))
        newer = await ledger.intend(Intent("k", "fal", "model", "{}", 1, "k", 5, "token"), (1, "LOST"))
        with pytest.raises(InputError, match="a newer request of k is INTENT already"):
            await adopt(ledger, queue, lost, "r")
        await stepped(ledger, newer.id, "CANCELLED")
        await adopt(ledger, queue, lost, "r")

    assert [state for state, _, _ in decided(work)] == ["ACCEPTED", "CANCELLED"]
