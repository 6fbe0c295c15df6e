"""Clips without sound that this process has drawn, by what they show: takes often show the same."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from pathlib import Path
from threading import Lock
from typing import Final

MOST_BYTES: Final = 32 * 2**20
"""Of all files together; the ones that were not asked for longest are forgotten."""


class Reels:
    """Files by what they show, in memory. May be used by several threads; two that ask for the same at once
    get what the first of them makes."""

    def __init__(self, most: int = MOST_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, bytes] = OrderedDict()
        self._making: dict[Hashable, Lock] = {}
        self._lock = Lock()

    def write(self, what: Hashable, path: Path, make: Callable[[Path], None]) -> None:
        """Write the file that shows `what` under `path`: one that is kept, or what `make` writes there.

        Raises what `make` raises.
        """
        with self._lock:
            turn = self._making.setdefault(what, Lock())
        with turn:
            if (kept := self._found(what)) is not None:
                path.write_bytes(kept)
                return
            make(path)
            self._keep(what, path.read_bytes())

    def _found(self, what: Hashable) -> bytes | None:
        with self._lock:
            if what in self._kept:
                self._kept.move_to_end(what)
            return self._kept.get(what)

    def _keep(self, what: Hashable, file: bytes) -> None:
        with self._lock:
            self._kept[what] = file
            while sum(map(len, self._kept.values())) > self._most:
                forgotten, _ = self._kept.popitem(last=False)
                self._making.pop(forgotten, None)


REELS: Final = Reels()
"""Those of this process."""
