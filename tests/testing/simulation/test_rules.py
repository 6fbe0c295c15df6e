"""Without any one of the protocol's rules, the simulation fails within 100 seeds."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from callsheet.nodes.queue.protocol import Accepted
from callsheet.runtime.calls.fetch import Fetcher
from callsheet.runtime.calls.submit import Submission
from callsheet.runtime.ledger import Attempt, Change, Intent, Kept, Ledger, operations, rows
from callsheet.runtime.ledger.sqlite import SqliteLedger
from callsheet.testing import simulation
from callsheet.testing.simulation import RuleBroken, parts, scenario
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.provider import SimulatedQueue

SEEDS = 100
Patch = pytest.MonkeyPatch


def without_r1(patch: Patch) -> None:
    """The POST goes out first, SENDING is written when its reply is here."""
    record = Submission._record

    async def before_send(self: Submission) -> None: ...

    async def recorded(self: Submission, outcome: Any) -> Attempt:
        await self._sending()
        self.sent = True
        return await record(self, outcome)

    patch.setattr(Submission, "before_send", before_send)
    patch.setattr(Submission, "_record", recorded)


def without_r2(patch: Patch) -> None:
    """The database does not refuse a second live attempt of a key."""

    def intend(connection: sqlite3.Connection, intent: Intent, now: float) -> Attempt:
        connection.execute("DROP INDEX IF EXISTS one_live_attempt")
        with pytest.MonkeyPatch.context() as inner:
            inner.setattr(operations, "live", lambda *_: None)
            return original(connection, intent, now)

    original = operations.intend
    patch.setattr(operations, "intend", intend)


def without_r3(patch: Patch) -> None:
    """The HTTP layer repeats a POST whose reply was lost."""
    patch.setattr(SimulatedQueue, "reposts", 3)


def without_r4(patch: Patch) -> None:
    """What was being sent when the process ended is sent again, without a proof."""

    async def recover(ledger: Ledger) -> Sequence[Attempt]:
        for attempt in await ledger.attempts("SENDING", "UNKNOWN"):
            if attempt.state == "SENDING":
                await ledger.advance(attempt.id, "UNKNOWN")
            await ledger.advance(attempt.id, "ABSENT")
        return ()

    patch.setattr(scenario, "recover", recover)


def without_r5(patch: Patch) -> None:
    """The request id stays in memory until the result is here."""

    async def accepted(self: Submission, reply: Accepted) -> Attempt:
        return replace(self.attempt, state="ACCEPTED", request_id=reply.request_id)

    patch.setattr(Submission, "_accepted", accepted)


def without_r6(patch: Patch) -> None:
    """The files of a result are fetched before the result itself is on the disk."""
    result = Fetcher._result

    async def fetched_first(self: Fetcher, attempt: Attempt) -> Attempt:
        await self._done(attempt)
        raw = (await self._asked(attempt)).raw
        await self._files(replace(attempt, result=raw))
        return await result(self, attempt)

    patch.setattr(Fetcher, "_result", fetched_first)


def without_r7(patch: Patch) -> None:
    """COMMITTED, and then, in another transaction, what was stored."""

    async def commit(self: SqliteLedger, attempt: int, kept: Sequence[Kept]) -> Attempt:
        done = await self.write(lambda c: operations.commit(c, attempt, (), self._now()))
        await asyncio.sleep(5)
        values = [(attempt, k.place, k.kind, k.digest, k.suffix, k.size) for k in kept]
        await self.write(lambda c: c.executemany("INSERT INTO artifacts VALUES (?, ?, ?, ?, ?, ?)", values))
        return done

    patch.setattr(SqliteLedger, "commit", commit)


def without_r8(patch: Patch) -> None:
    """What is in doubt gives its reservation back."""
    news = rows.news

    def given_back(before: Any, to: Any, change: Change, now: float) -> dict[str, object]:
        return {**news(before, to, change, now), **({"actual": 0} if to == "UNKNOWN" else {})}

    patch.setattr(rows, "news", given_back)


MUTATIONS = (
    without_r1,
    without_r2,
    without_r3,
    without_r4,
    without_r5,
    without_r6,
    without_r7,
    without_r8,
)


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__[-2:])
def test_every_rule_is_needed(mutate: Callable[[Patch], None], monkeypatch: Patch) -> None:
    mutate(monkeypatch)
    loop = VirtualLoop()
    for seed in range(SEEDS):
        try:
            simulation.simulate(seed, "sqlite", loop)
        except RuleBroken:
            return
    pytest.fail(f"{mutate.__doc__} Nothing was noticed in {SEEDS} seeds.")


def test_with_all_rules_the_same_seeds_hold() -> None:
    loop = VirtualLoop()
    for seed in range(SEEDS):
        simulation.simulate(seed, "sqlite", loop)
    loop.close()
    parts._template.cache_clear()
