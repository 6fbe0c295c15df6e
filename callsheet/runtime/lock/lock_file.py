"""The lock file of a pipeline while it is run: read before anything is made, written after."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock import Known, Lock, folded, read, write

if TYPE_CHECKING:
    from callsheet.runtime.ledger import LedgerReader

Stamp = tuple[int, int]
"""Time of change in nanoseconds, size in bytes."""
LedgerOf = Callable[[], "LedgerReader | None"]
"""Gives the ledger, or None while nothing was ever bought."""


class LockFile:
    """The lock file at `path`. lock: what it said when it was read last, or what was written since."""

    def __init__(self, path: Path, ledger: LedgerOf) -> None:
        self.path = path
        self.lock = Lock()
        self._ledger = ledger
        self._seen: Stamp | None = None

    def refresh(self) -> None:
        """Read it, if it is another file than the last time. Raises PipelineError."""
        found = self._stamp()
        if found != self._seen:
            self.lock, self._seen = read(self.path), found

    def write(self, lock: Lock) -> bool:
        """Put `lock` in its place; whether that changed anything. Raises StoreError."""
        changed = write(lock, self.path)
        self.lock, self._seen = lock, self._stamp()
        return changed

    def renew(self, graph: Graph, known: Known) -> bool:
        """Write it anew, with today's schemas. What may yet grow stays. Raises StoreError."""
        there = {spec.uses for instance in graph.instances.values() for spec in instance.specs}
        kept = {uses: digest for uses, digest in self.lock.endpoints.items() if uses not in there}
        self.lock = replace(self.lock, endpoints=kept)
        return self.update(graph, known, whole=graph.dynamic is None)

    def update(self, graph: Graph, known: Known, whole: bool) -> bool:
        """Write what is known now; whether anything changed. What a person decided meanwhile stays.

        whole: `graph` is all there is. Raises StoreError, PipelineError.
        """
        self.refresh()
        refused = refused_in(self._ledger(), known.ways) if known.ways else {}
        known = replace(known, refused=refused)
        return self.write(folded(self.lock, graph, known, lambda key: cost_in(self._ledger(), key), whole))

    def _stamp(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def cost_in(ledger: LedgerReader | None, key: str) -> float:
    """USD of the newest purchase of `key`; 0 when there was none."""
    from callsheet.runtime.ledger import MICROS  # here, since `check` reads locks and needs no database

    attempt = ledger.committed(key) if ledger else None
    return attempt.spent / MICROS if attempt else 0.0


def refused_in(ledger: LedgerReader | None, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Address → the keys of what was last refused there, one for each endpoint that was asked."""
    found: dict[str, dict[str, str]] = {}
    for attempt in ledger.attempts("REJECTED", "FAILED") if ledger else ():
        if attempt.address in addresses:
            found.setdefault(attempt.address, {})[attempt.endpoint] = attempt.key
    return {address: tuple(sorted(set(last.values()))) for address, last in found.items()}
