"""Drivers on several machines keep the rules, also when they stand still and are taken for dead."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from callsheet.runtime.calls import submit
from callsheet.runtime.ledger import Attempt, Ledger, operations
from callsheet.testing.simulation.drivers import ServedLedger, simulate_drivers
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.scenario import RuleBroken

SEEDS = 100
Patch = pytest.MonkeyPatch


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_on_the_real_tables(long: bool, loop: VirtualLoop) -> None:
    """200 seeds; 10,000 in the long form."""
    summaries = [simulate_drivers(seed, loop) for seed in range(10_000 if long else 200)]
    assert sum(t.crashes for t in summaries) > 50
    assert sum(t.committed for t in summaries) > 150
    assert sum(t.found for t in summaries) > 5
    assert sum(t.absent for t in summaries) > 0


def test_no_rule_about_money_depends_on_locks(long: bool, loop: VirtualLoop) -> None:
    """100 seeds in which every driver takes the others for dead; 5,000 in the long form."""
    summaries = [simulate_drivers(seed, loop, blind=True) for seed in range(5000 if long else 100)]
    assert sum(t.committed for t in summaries) > 50


def without_the_fuse(patch: Patch) -> None:
    """What was asked for long ago is sent all the same."""
    patch.setattr(submit, "FUSE", 1e9)


def without_what_was_seen(patch: Patch) -> None:
    """What became of a key since it was judged is not looked at."""
    patch.setattr(operations, "check_seen", lambda *_: None)


def without_the_state_before(patch: Patch) -> None:
    """A step is made from whatever state an attempt is in, if the table allows it."""
    advance = operations.advance

    def anyhow(connection: Any, attempt: int, to: Any, change: Any, before: Any, now: float) -> Attempt:
        return advance(connection, attempt, to, change, operations.get(connection, attempt).state, now)

    patch.setattr(operations, "advance", anyhow)


def without_epochs(patch: Patch) -> None:
    """A driver that was taken for dead goes on sending."""
    patch.setattr(ServedLedger, "fence", lambda *_: None)


def without_a_lock_before_it_is_taken_over(patch: Patch) -> None:
    """What another run was sending is in doubt, whether that is at work or not."""

    @asynccontextmanager
    async def at_once(self: Ledger, attempt: Attempt) -> AsyncIterator[bool]:
        yield True

    patch.setattr(ServedLedger, "taken_over", at_once)


@pytest.mark.parametrize(
    ("change", "first", "blind"),
    [
        (without_the_fuse, 60, True),
        (without_what_was_seen, 0, True),
        (without_the_state_before, 90, True),
        (without_epochs, 0, False),
        (without_a_lock_before_it_is_taken_over, 0, False),
    ],
)
def test_without_it_a_rule_is_broken(
    change: Callable[[Patch], None], first: int, blind: bool, monkeypatch: Patch
) -> None:
    change(monkeypatch)
    loop = VirtualLoop()
    with pytest.raises(RuleBroken):
        for seed in range(first, first + SEEDS):
            simulate_drivers(seed, loop, blind)
