"""Pictures that are drawn in another thread while those before are used."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from callsheet.nodes.media.codec.ahead import ROOM, ahead


class Source:
    """Numbers that know how far they were drawn, and in which threads."""

    def __init__(self, fails_at: int = -1) -> None:
        self.fails_at, self.drawn = fails_at, 0
        self.threads: set[int] = set()

    def numbers(self, count: int) -> Iterator[int]:
        for number in range(count):
            if number == self.fails_at:
                raise ValueError("a picture that cannot be drawn")
            self.threads.add(threading.get_ident())
            self.drawn += 1
            yield number


@pytest.mark.parametrize("count", [0, 1, ROOM, 50])
def test_all_come_in_order_from_one_other_thread(count: int) -> None:
    source = Source()
    assert list(ahead(source.numbers(count))) == list(range(count))
    assert len(source.threads) == min(count, 1) and threading.get_ident() not in source.threads


def test_an_error_comes_at_its_place() -> None:
    seen = []
    with pytest.raises(ValueError, match="cannot be drawn"):
        for number in ahead(Source(fails_at=5).numbers(9)):
            seen.append(number)
    assert seen == [0, 1, 2, 3, 4]


def test_who_leaves_early_leaves_no_thread_and_draws_only_a_few_more() -> None:
    source, before = Source(), threading.active_count()
    taken = ahead(source.numbers(1000))
    assert [next(taken) for _ in range(10)] == list(range(10))
    taken.close()  # type: ignore[attr-defined]
    assert threading.active_count() == before and 10 <= source.drawn <= 10 + ROOM
