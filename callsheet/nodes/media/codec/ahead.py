"""Draws pictures in a thread of its own, while those before are encoded."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from typing import Final, TypeVar, cast

T = TypeVar("T")

ROOM: Final = 3
"""Pictures that are ready before they are taken: 4 MB at 720p."""
OVER: Final = object()


def ahead(items: Iterable[T]) -> Iterator[T]:
    """The items, each made in one other thread while the ones before are used, a few of them in advance.

    Raises what making them raises. The thread ends with the iteration, also where that is left early.
    """
    from concurrent.futures import ThreadPoolExecutor  # slow to import, and not needed to check a film

    source = iter(items)

    def following() -> object:
        return next(source, OVER)

    with ThreadPoolExecutor(1, thread_name_prefix="ahead") as pool:
        waiting = deque(pool.submit(following) for _ in range(ROOM))
        while (item := waiting.popleft().result()) is not OVER:
            waiting.append(pool.submit(following))
            yield cast("T", item)
