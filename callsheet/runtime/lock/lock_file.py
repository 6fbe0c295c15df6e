"""The lock file of a pipeline: read before a run, written after it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock import Known, Lock, read, updated_lock, write

if TYPE_CHECKING:
    from callsheet.runtime.ledger import LedgerReader

Stamp = tuple[int, int]
"""Time of change in nanoseconds, size in bytes."""
LedgerOf = Callable[[], "LedgerReader | None"]
"""Gives the ledger, or None while nothing was ever bought."""


class LockFile:
    """The lock file at `path`. lock: its content when it was last read or written."""

    def __init__(self, path: Path, ledger: LedgerOf) -> None:
        self.path = path
        self.lock = Lock()
        self._ledger = ledger
        self._seen: Stamp | None = None

    def refresh(self) -> None:
        """Read the file if it changed. Raises PipelineError."""
        found = self._stamp()
        if found != self._seen:
            self.lock, self._seen = read(self.path), found

    def write(self, lock: Lock) -> bool:
        """Write `lock`. Returns whether the file changed. Raises StoreError."""
        changed = write(lock, self.path)
        self.lock, self._seen = lock, self._stamp()
        return changed

    def renew(self, graph: Graph, known: Known) -> bool:
        """Write the file again, with the current schemas of endpoints. Instances of unknown lists are kept.
        Raises StoreError."""
        there = {spec.uses for instance in graph.instances.values() for spec in instance.specs}
        kept = {uses: digest for uses, digest in self.lock.endpoints.items() if uses not in there}
        self.lock = replace(self.lock, endpoints=kept)
        return self.update(graph, known, whole=graph.dynamic is None)

    def update(self, graph: Graph, known: Known, whole: bool) -> bool:
        """Write what is known now. Returns whether the file changed. Decisions that people made meanwhile are
        kept.

        whole: `graph` is all of the pipeline. Raises StoreError, PipelineError.
        """
        self.refresh()
        refused = refused_in(self._ledger(), known.alternatives) if known.alternatives else {}
        known = replace(known, refused=refused)
        return self.write(
            updated_lock(self.lock, graph, known, lambda key: cost_in(self._ledger(), key), whole)
        )

    def _stamp(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def cost_in(ledger: LedgerReader | None, key: str) -> float | None:
    """USD that the newest purchase of `key` cost; 0 if there was none, None where nobody knows."""
    attempt = ledger.committed(key) if ledger else None
    return attempt.price if attempt else 0.0


def refused_in(ledger: LedgerReader | None, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
    """Address → keys of the requests that were last refused there, one for each endpoint."""
    found: dict[str, dict[str, str]] = {}
    for attempt in ledger.attempts("REJECTED", "FAILED") if ledger else ():
        if attempt.address in addresses:
            found.setdefault(attempt.address, {})[attempt.endpoint] = attempt.key
    return {address: tuple(sorted(set(last.values()))) for address, last in found.items()}
