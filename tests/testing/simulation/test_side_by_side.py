"""Processes that make films of one project at once keep the rules; without one of theirs, one is broken."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress

import pytest

from callsheet.runtime.calls.recover import in_doubt
from callsheet.runtime.ledger import Attempt, Forbidden, Ledger
from callsheet.testing.simulation import side_by_side
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.scenario import RuleBroken
from callsheet.testing.simulation.side_by_side import SimulatedLocks, simulate_beside

SEEDS = 100
Patch = pytest.MonkeyPatch


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


def test_on_the_real_tables(long: bool, loop: VirtualLoop) -> None:
    """60 seeds; 5,000 in the long form."""
    summaries = [simulate_beside(seed, "sqlite", loop) for seed in range(5000 if long else 60)]
    assert sum(t.crashes for t in summaries) > 100
    assert sum(t.committed for t in summaries) > 100
    assert sum(t.found for t in summaries) > 5


def test_a_seed_gives_the_same_scenario_each_time(loop: VirtualLoop) -> None:
    for seed in range(10):
        assert simulate_beside(seed, "memory", loop) == simulate_beside(seed, "memory", loop)


def test_a_process_alone_that_dies_in_the_run_of_another_one_breaks_no_rule(loop: VirtualLoop) -> None:
    simulate_beside(900_137, "sqlite", loop)


def without_a_look_at_who_is_alive(patch: Patch) -> None:
    """What another run was sending is taken for what a crash had left, when the ledger is opened."""

    async def everything(ledger: Ledger) -> Sequence[Attempt]:
        for attempt in await ledger.attempts("SENDING"):
            with suppress(Forbidden):
                await in_doubt(ledger, attempt)
        return ()

    patch.setattr(side_by_side, "recover", everything)


def without_locks_of_runs(patch: Patch) -> None:
    """Nobody knows that another run is at work."""
    patch.setattr(SimulatedLocks, "at_work", lambda *_: False)


@pytest.mark.parametrize("change", [without_a_look_at_who_is_alive, without_locks_of_runs])
def test_without_it_a_rule_is_broken(change: Callable[[Patch], None], monkeypatch: Patch) -> None:
    change(monkeypatch)
    with pytest.raises(RuleBroken):
        for seed in range(SEEDS):
            simulate_beside(seed, "memory", VirtualLoop())
