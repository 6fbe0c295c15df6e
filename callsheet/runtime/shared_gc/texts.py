"""Reads the small files of a shared store, many at once."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.runtime.remote_store.at_once import at_once
from callsheet.runtime.remote_store.backend import Backend, Missing
from callsheet.runtime.remote_store.needs import digests_in
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.remote_store.store import small_file


def texts(backend: Backend, names: Sequence[str]) -> list[bytes]:
    """These files; nothing for one that is gone, or too large to be a small one. Raises Unreachable."""
    return at_once(lambda name: _text(backend, name), names)


def named_by(backend: Backend, names: Sequence[str]) -> set[str]:
    """Every digest in these files. Raises Unreachable."""
    return {digest for text in texts(backend, names) for digest in digests_in(text)}


def _text(backend: Backend, name: str) -> bytes:
    try:
        return small_file(backend, name)
    except (Missing, Refused):
        return b""
