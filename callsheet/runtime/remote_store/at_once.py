"""Asks a shared store for many things at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

A = TypeVar("A")
B = TypeVar("B")
AT_ONCE: Final = 16


def at_once(work: Callable[[A], B], things: Iterable[A]) -> list[B]:
    """`work` for each of them, several at once; the results in order. Raises what `work` raises."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, things))
