"""When to look again: cheap while nothing can be ready, quick when it should be."""

from __future__ import annotations

from itertools import pairwise
from random import Random

import pytest

from callsheet.runtime.calls.polling import CAP, RATE, next_delay

ALWAYS_60 = [60.0] * 20


def looks(takes: float, past: list[float], waiting: int = 1, seed: int = 0) -> list[float]:
    """The moments of all looks at a request that takes so many seconds; the last one finds it done."""
    rng = Random(seed)
    moments = [0.0]
    while moments[-1] < takes:
        moments.append(moments[-1] + next_delay(moments[-1], past, waiting, rng))
    return moments[1:]


def test_the_first_pauses_are_short_and_grow_to_a_cap() -> None:
    moments = looks(600, [])
    pauses = [after - before for before, after in pairwise(moments)]
    assert 0.45 <= moments[0] <= 0.55
    assert max(pauses) <= CAP * 1.1
    assert len(looks(60, [])) <= 20


@pytest.mark.parametrize("takes", [5.0, 60.0, 300.0])
def test_once_learned_there_are_few_looks_and_the_end_is_seen_at_once(takes: float) -> None:
    late, count = [], []
    for seed in range(100):
        varied = [takes * Random(n).uniform(0.95, 1.05) for n in range(30)]
        moments = looks(takes * Random(seed).uniform(0.95, 1.05), varied, seed=seed)
        late.append(moments[-1] - takes)
        count.append(len(moments))
    assert sum(count) / len(count) <= 4 + takes / CAP + 6
    assert max(late) < takes * 0.05 + 2.5


def test_the_end_of_steady_endpoints_is_seen_within_seconds() -> None:
    late = sorted(looks(60.0, ALWAYS_60, seed=seed)[-1] - 60 for seed in range(200))
    assert late[100] < 1.5
    assert late[-2] < 5


def test_the_longer_than_usual_is_looked_at_less_and_less() -> None:
    moments = looks(600, ALWAYS_60)
    assert moments[-1] - moments[-2] > 5
    assert moments[-1] < 600 + CAP * 1.1


def test_thousands_together_stay_below_the_rate() -> None:
    rng = Random(1)
    pauses = [next_delay(waited, [], 5000, rng) for waited in (0.0, 1.0, 30.0)]
    assert min(pauses) >= 5000 / RATE * 0.9


def test_many_that_wait_do_not_look_in_step() -> None:
    rng = Random(1)
    assert len({round(next_delay(10.0, ALWAYS_60, 1, rng), 3) for _ in range(50)}) > 30


def test_one_that_was_seen_a_day_late_does_not_put_the_next_to_sleep() -> None:
    assert next_delay(0.0, [86_400.0], 1, Random(1)) < 65
