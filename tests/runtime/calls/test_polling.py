"""When to look again: cheap while nothing can be ready, quick when it should be."""

from __future__ import annotations

from heapq import heapify, heappop, heappush
from itertools import pairwise
from random import Random

import pytest

from callsheet.runtime.calls.polling import CAP, next_delay

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


@pytest.mark.parametrize("known", [False, True])
def test_of_thousands_each_is_looked_at_a_few_times(known: bool) -> None:
    """5,000 jobs of four minutes, sent within a minute and a half: the first that are over tell of all."""
    looked, late = crowd(5000, 240.0, known)
    assert looked / 5000 <= 4
    assert late[2500] < 240 * 0.05 and late[-1] < 240 * 0.15


def crowd(count: int, takes: float, known: bool = False) -> tuple[int, list[float]]:
    """Looks at so many jobs, 58 submitted a second, and how late each end was seen, in seconds, in order.

    known: earlier runs have told how long they take.
    """
    rng, looked, late = Random(1), 0, list[float]()
    past = [takes * rng.uniform(0.97, 1.03) for _ in range(50)] if known else []
    ends = [i / 58 + takes * rng.uniform(0.97, 1.03) for i in range(count)]
    due = [(i / 58, i, False) for i in range(count)]
    waiting: dict[int, float] = {}
    while due:
        now, i, looks = heappop(due)
        began = waiting.setdefault(i, now)
        looked += looks
        if looks and now >= ends[i]:
            late.append(now - ends[i])
            del waiting[i]
            past = [now - began, *past[:49]]
            if len(late) == 1 and not known:  # the first one wakes all
                due = [
                    (now + next_delay(now - t, past, len(waiting), rng), j, True) for j, t in waiting.items()
                ]
                due += [(j / 58, j, False) for j in range(int(now * 58) + 1, count)]
                heapify(due)
        else:
            heappush(due, (now + next_delay(now - began, past, len(waiting), rng), i, True))
    return looked, sorted(late)


def test_many_that_wait_do_not_look_in_step() -> None:
    rng = Random(1)
    assert len({round(next_delay(10.0, ALWAYS_60, 1, rng), 3) for _ in range(50)}) > 30


def test_one_that_was_seen_a_day_late_does_not_put_the_next_to_sleep() -> None:
    assert next_delay(0.0, [86_400.0], 1, Random(1)) < 65
