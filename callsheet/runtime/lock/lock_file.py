"""The lock file of a pipeline: read before a run, written after it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.dsl.graph import Graph
from callsheet.runtime.lock.disputes import refuse_disputes
from callsheet.runtime.lock.history import named_before
from callsheet.runtime.lock.lines import Writer, place, text_of
from callsheet.runtime.lock.model import Lock
from callsheet.runtime.lock.read import Content, read
from callsheet.runtime.lock.sections import lines_of, lock_in
from callsheet.runtime.lock.update import Dropped, Known, dropped, updated_lock
from callsheet.runtime.lock.write import write
from callsheet.spec.project import lock_path

if TYPE_CHECKING:
    from callsheet.runtime.ledger import LedgerReader

Stamp = tuple[int, int]
"""Time of change in nanoseconds, size in bytes."""
LedgerOf = Callable[[], "LedgerReader | None"]
"""Gives the ledger, or None while nothing was ever bought."""


class LockFile:
    """The lock file of `pipeline`, as far as it is about the inputs of `section`.

    lock: what it says of them. content: all that it says. Both as it was when it was last read or written.
    costs: USD that results cost which others bought, by key.
    """

    def __init__(self, pipeline: Path, ledger: LedgerOf, section: str = "") -> None:
        self.pipeline = pipeline
        self.path = lock_path(pipeline)
        self.section = section
        self.content = Content()
        self.lock = Lock()
        self.costs: Mapping[str, float | None] = {}
        self._ledger = ledger
        self._seen: Stamp | None = None

    def refresh(self) -> None:
        """Read the file if it changed. Raises PipelineError, also where people decided differently."""
        found = self._stamp()
        if found != self._seen:
            content = read(self.path)
            refuse_disputes(content, self.path, self.pipeline)
            self.content, self.lock = content, lock_in(content, self.section)
            self._seen = found

    def write(self, lock: Lock, inputs: Sequence[str] = ()) -> bool:
        """Write `lock`; what the file says for other inputs stays. Returns whether the file changed: one that
        says the same, in whatever version, is not touched.

        inputs: the names of the inputs that the section is about. Raises StoreError.
        """
        new = Content(2, lines_of(lock, self.section, self.content, inputs))
        changed = _told(new) != _told(self.content)
        if changed:
            write(new.lines, self.path)
            self.content = new
        self.lock, self._seen = lock_in(self.content, self.section), self._stamp()
        return changed

    def renew(self, graph: Graph, known: Known) -> tuple[bool, tuple[Dropped, ...]]:
        """Write the file again, with the current schemas of endpoints. Instances of unknown lists are kept.

        Returns whether it changed, and what it says no more. Raises StoreError.
        """
        there = {spec.uses for instance in graph.instances.values() for spec in instance.specs}
        self.refresh()
        kept = {uses: digest for uses, digest in self.lock.endpoints.items() if uses not in there}
        return self._update(replace(self.lock, endpoints=kept), graph, known, graph.dynamic is None)

    def update(self, graph: Graph, known: Known, whole: bool) -> tuple[bool, tuple[Dropped, ...]]:
        """Write what is known now. Decisions that people made meanwhile are kept.

        whole: `graph` is all of the pipeline. Returns as `renew`. Raises StoreError, PipelineError.
        """
        self.refresh()
        return self._update(self.lock, graph, known, whole)

    def _update(
        self, lock: Lock, graph: Graph, known: Known, whole: bool
    ) -> tuple[bool, tuple[Dropped, ...]]:
        refused = refused_in(self._ledger(), known.alternatives) if known.alternatives else {}
        known = replace(known, refused=refused)
        before = self.lock
        after = updated_lock(lock, graph, known, self._cost, whole)
        changed = self.write(after, graph.section.inputs)
        return changed, tuple(dropped(before, after, graph))

    def _cost(self, key: str) -> float | None:
        """USD that the result of `key` cost, as the ledger says, who gave it, or the lock at an earlier
        time."""
        ledger = self._ledger()
        if ledger is not None and ledger.committed(key) is not None:
            return cost_in(ledger, key)
        if key in self.costs:
            return self.costs[key]
        before = named_before(self.pipeline, [key]).get(key)
        return before.usd if before else 0.0

    def _stamp(self) -> Stamp | None:
        try:
            found = self.path.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size


def _told(content: Content) -> list[str]:
    """All that a file says, without who wrote it."""
    lines = (line for line in content.lines if not isinstance(line, Writer))
    return list(dict.fromkeys(map(text_of, sorted(lines, key=place))))


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
