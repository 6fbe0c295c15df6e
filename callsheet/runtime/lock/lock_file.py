"""The lock file of a pipeline while it is run: read before anything is made, written after."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.ledger import MICROS, LedgerReader
from callsheet.runtime.lock import Known, folded, read, write

LedgerOf = Callable[[], LedgerReader | None]
"""Gives the ledger, or None while nothing was ever bought."""


class LockFile:
    """The lock file at `path`, read now.

    Raises PipelineError when it cannot be read.
    """

    def __init__(self, path: Path, ledger: LedgerOf) -> None:
        self.path = path
        self._ledger = ledger
        self._seen = self._stamp()
        self.lock = read(self.path)

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
        if self._stamp() != self._seen:
            self.lock = read(self.path)
        refused = refused_in(self._ledger(), known.ways) if known.ways else {}
        known = replace(known, refused=refused)
        self.lock = folded(self.lock, graph, known, lambda key: cost_in(self._ledger(), key), whole)
        return write(self.lock, self.path)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def cost_in(ledger: LedgerReader | None, key: str) -> float:
    """USD of the newest purchase of `key`; 0 when there was none."""
    attempt = ledger.committed(key) if ledger else None
    return attempt.spent / MICROS if attempt else 0.0


def refused_in(ledger: LedgerReader | None, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Address → the keys of what was last refused there, one for each endpoint that was asked."""
    found: dict[str, dict[str, str]] = {}
    for attempt in ledger.attempts("REJECTED", "FAILED") if ledger else ():
        if attempt.address in addresses:
            found.setdefault(attempt.address, {})[attempt.endpoint] = attempt.key
    return {address: tuple(sorted(set(last.values()))) for address, last in found.items()}
