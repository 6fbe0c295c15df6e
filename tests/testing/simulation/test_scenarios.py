"""The rules hold in every scenario."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

import pytest

from callsheet import failpoints
from callsheet.testing.simulation import simulate
from callsheet.testing.simulation.loop import VirtualLoop
from callsheet.testing.simulation.process import Process


@pytest.fixture
def loop() -> Iterator[VirtualLoop]:
    loop = VirtualLoop()
    yield loop
    loop.close()


@pytest.mark.parametrize("quarter", range(4))
def test_scenarios_on_the_real_tables(quarter: int, long: bool, loop: VirtualLoop) -> None:
    """240 seeds; 10,000 in the long form."""
    count = 2500 if long else 60
    summaries = [simulate(seed, "sqlite", loop) for seed in range(quarter * count, (quarter + 1) * count)]
    assert sum(t.crashes for t in summaries) > 50
    assert sum(t.found for t in summaries) > 5
    assert sum(t.absent for t in summaries) > 0
    assert sum(t.committed for t in summaries) > 100


@pytest.mark.parametrize("seed", [479, 919])
def test_what_was_not_sent_here_says_nothing_of_what_somebody_else_sent(seed: int, loop: VirtualLoop) -> None:
    """Two submissions of one attempt: one is in doubt, the other found no connection."""
    simulate(seed, "sqlite", loop)


def test_the_ledger_in_memory_keeps_the_same_rules(loop: VirtualLoop) -> None:
    summaries = [simulate(seed, "memory", loop) for seed in range(5000, 5060)]
    assert sum(t.committed for t in summaries) > 100


def test_a_seed_gives_the_same_scenario_each_time(loop: VirtualLoop) -> None:
    for seed in range(10):
        assert simulate(seed, "sqlite", loop) == simulate(seed, "sqlite", loop)


def test_processes_die_at_every_failpoint(monkeypatch: pytest.MonkeyPatch, loop: VirtualLoop) -> None:
    names = {name for name in failpoints.NAMES if not name.startswith(("adopt.", "gc.", "sync."))}
    ends: Counter[str] = Counter()
    die = Process.die

    def noted(self: Process) -> None:
        ends.update(self.reached[-1:])
        die(self)

    monkeypatch.setattr(Process, "die", noted)
    for seed in range(1500):
        simulate(seed, "memory", loop)
        if names <= set(ends):
            break
    assert names <= set(ends), names - set(ends)


def test_time_goes_on_after_years(loop: VirtualLoop) -> None:
    loop.jump(5e8)
    assert sum(simulate(seed, "sqlite", loop).committed for seed in range(10)) > 5
