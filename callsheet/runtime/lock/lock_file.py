"""The lock file of a pipeline while it is run: read before anything is made, written after."""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.calls.session import LEDGER
from callsheet.runtime.ledger import MICROS, LedgerReader
from callsheet.runtime.lock import Known, folded, lock_path, read, write


class LockFile:
    """The lock beside `graph`'s file. state: where the ledger is.

    Raises PipelineError when it cannot be read.
    """

    def __init__(self, graph: Graph, state: Path) -> None:
        self.graph = graph
        self.path = lock_path(graph.path)
        self._ledger = state / LEDGER
        self._seen = self._stamp()
        self.lock = read(self.path)

    def renew(self, known: Known) -> bool:
        """Write it anew, with today's schemas. What may yet grow stays. Raises StoreError."""
        there = {spec.uses for instance in self.graph.instances.values() for spec in instance.specs}
        kept = {uses: digest for uses, digest in self.lock.endpoints.items() if uses not in there}
        self.lock = replace(self.lock, endpoints=kept)
        return self.update(known, whole=self.graph.growing is None)

    def update(self, known: Known, whole: bool) -> bool:
        """Write what is known now; whether anything changed. What a person decided meanwhile stays.

        whole: the graph is all there is. Raises StoreError, PipelineError.
        """
        if self._stamp() != self._seen:
            self.lock = read(self.path)
        with contextlib.closing(Bought(self._ledger)) as bought:
            refused = bought.refused(known.ways)
            self.lock = folded(self.lock, self.graph, replace(known, refused=refused), bought.cost, whole)
        return write(self.lock, self.path)

    def _stamp(self) -> tuple[int, int] | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


class Bought:
    """What was bought, for how much, and what was refused, by the ledger at `path`, if there is one."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._reader: LedgerReader | None = None

    def cost(self, key: str) -> float:
        """USD of the newest purchase of `key`; 0 when there was none."""
        ledger = self._opened()
        attempt = ledger.committed(key) if ledger else None
        return attempt.spent / MICROS if attempt else 0.0

    def refused(self, addresses: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Address → the keys of what was last refused there, one for each endpoint that was asked."""
        ledger = self._opened() if addresses else None
        found: dict[str, dict[str, str]] = {}
        for attempt in ledger.attempts("REJECTED", "FAILED") if ledger else ():
            if attempt.address in addresses:
                found.setdefault(attempt.address, {})[attempt.endpoint] = attempt.key
        return {address: tuple(sorted(set(last.values()))) for address, last in found.items()}

    def _opened(self) -> LedgerReader | None:
        if self._reader is None and self._path.exists():
            self._reader = LedgerReader(self._path)
        return self._reader

    def close(self) -> None:
        if self._reader:
            self._reader.close()
