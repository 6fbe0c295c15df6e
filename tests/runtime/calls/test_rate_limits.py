"""Concurrency that finds its own level."""

from __future__ import annotations

import random

import pytest

from callsheet.runtime.calls.rate_limits import LONGEST_PAUSE, Limit, Limits


def test_a_refusal_halves_and_pauses() -> None:
    limit = Limit(16, in_progress=16)
    limit.refused(now=0.0, retry_after=3.0)
    assert limit.width == 8
    limit.in_progress = 0
    assert not limit.is_open(2.9)
    assert limit.is_open(3.0)


def test_a_volley_of_refusals_is_one_piece_of_news() -> None:
    limit = Limit(16, in_progress=16)
    for _ in range(16):
        limit.refused(now=0.0)
    assert limit.width == 8


def test_refusals_in_a_row_pause_longer() -> None:
    limit, now, pauses = Limit(16), 0.0, []
    for _ in range(4):
        limit.refused(now)
        pauses.append(limit.pause_until - now)
        now = limit.pause_until
    assert pauses == sorted(pauses)
    assert pauses[-1] > pauses[0]
    assert limit.width == 1


@pytest.mark.parametrize("asked", [1e99, float("inf"), -5.0, 0.0])
def test_what_a_server_asks_for_is_bounded(asked: float) -> None:
    limit = Limit(4)
    limit.refused(10.0, asked)
    assert 10.0 <= limit.pause_until <= 10.0 + LONGEST_PAUSE


def test_it_finds_the_room_there_is() -> None:
    """A provider with room for 5, asked for as many as are open: almost always used, seldom refused."""
    limit, rng, now, running, refused = Limit(40), random.Random(7), 0.0, 0, 0
    widths = []
    for step in range(4000):
        now += 0.1
        for _ in range(sum(rng.random() < 0.3 for _ in range(running))):
            running -= 1
            limit.finished()
        while limit.is_open(now):
            if running < 5:
                running += 1
                limit.started()
                limit.accepted()
            else:
                limit.refused(now)
                refused += 1
        if step > 500:
            widths.append(limit.width)
    assert 2.5 <= sum(widths) / len(widths) <= 7
    assert refused < 400


def test_an_endpoint_that_is_full_does_not_stop_the_others() -> None:
    limits = Limits(per_provider=10, per_endpoint=10)
    limits.refused("fal", "a", now=0.0, retry_after=5.0)
    assert not limits.is_open("fal", "a", 1.0)
    assert limits.is_open("fal", "b", 1.0)
    limits.refused("fal", "b", now=1.0, retry_after=5.0)
    assert not limits.is_open("fal", "c", 2.0)
    assert limits.is_open("huggingface", "c", 2.0)
    assert limits.opens_at("fal", "c") == 6.0


def test_the_most_is_never_exceeded() -> None:
    limits = Limits(per_provider=3, per_endpoint=2)
    for _ in range(2):
        limits.started("fal", "a")
        limits.accepted("fal", "a")
    assert not limits.is_open("fal", "a", 0.0)
    assert limits.is_open("fal", "b", 0.0)
    limits.started("fal", "b")
    assert not limits.is_open("fal", "c", 0.0)
    limits.finished("fal", "a")
    assert limits.is_open("fal", "c", 0.0)
