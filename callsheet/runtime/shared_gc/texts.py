"""Reads the small files of a shared store, many at once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from callsheet.runtime.remote_store.backend import Backend, Missing
from callsheet.runtime.remote_store.needs import digests_in
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.remote_store.store import small_file

A = TypeVar("A")
B = TypeVar("B")
AT_ONCE: Final = 16


def texts(backend: Backend, names: Sequence[str]) -> list[bytes]:
    """These files; nothing for one that is gone, or too large to be a small one. Raises Unreachable."""
    return at_once(lambda name: _text(backend, name), names)


def named_by(backend: Backend, names: Sequence[str]) -> set[str]:
    """Every digest in these files. Raises Unreachable."""
    return {digest for text in texts(backend, names) for digest in digests_in(text)}


def at_once(work: Callable[[A], B], things: Iterable[A]) -> list[B]:
    """`work` for each of them, several at once, in order."""
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(work, things))


def _text(backend: Backend, name: str) -> bytes:
    try:
        return small_file(backend, name)
    except (Missing, Refused):
        return b""
