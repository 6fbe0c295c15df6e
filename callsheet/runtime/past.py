"""What earlier runs of a project left, looked at without changing anything."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callsheet.dsl.types import Media
from callsheet.errors import CallsheetError
from callsheet.nodes.artifact import Artifact
from callsheet.nodes.spec import NodeSpec
from callsheet.runtime import keys
from callsheet.runtime.calls.store_shelf import StoreShelf
from callsheet.runtime.index import Index
from callsheet.runtime.ledger import LIVE, Attempt, LedgerReader
from callsheet.runtime.project import LEDGER, queue_of
from callsheet.runtime.store import Store

Outputs = Mapping[str, object]


class Past:
    """The ledger and the store at `state`; both may be missing."""

    def __init__(self, state: Path) -> None:
        self.store = Store(state)
        self._index = Index(self.store)
        self._ledger = LedgerReader(state / LEDGER) if (state / LEDGER).exists() else None
        attempts = self._ledger.attempts() if self._ledger else []
        self._live = {a.key: a for a in attempts if a.state in LIVE}
        self._committed = {a.key: a for a in attempts if a.state == "COMMITTED"}
        self._newest = {a.address: a for a in attempts if a.state == "COMMITTED"}

    def live(self, key: str) -> Attempt | None:
        """The attempt of `key` that is under way or in doubt."""
        return self._live.get(key)

    def committed(self, key: str) -> Attempt | None:
        """The newest attempt of `key` whose result came."""
        return self._committed.get(key)

    def newest(self, address: str) -> Attempt | None:
        """The newest attempt of this instance whose result came, whatever was asked for."""
        return self._newest.get(address)

    def bought(self, attempt: Attempt, spec: NodeSpec) -> Outputs | None:
        """The outputs of a COMMITTED attempt; None when its files are gone."""
        assert self._ledger is not None
        queue = queue_of(attempt.provider)
        shelf = StoreShelf(
            self.store,
            lambda _: spec.outputs,
            lambda a: queue.outputs(spec, a.result, a.request_id),
            self.store.root,
        )
        try:
            return shelf.outputs(attempt, self._ledger.kept(attempt.id))
        except CallsheetError:
            return None

    def made(self, key: str, spec: NodeSpec) -> tuple[Outputs, bool]:
        """The outputs of a local operation, and whether they are here.

        Where they are not, their identities still are: a local result counts as its recipe.
        """
        found = self._index.find(key)
        return (found, True) if found is not None else (_foreseen(key, spec), False)

    def close(self) -> None:
        if self._ledger:
            self._ledger.close()


def _foreseen(key: str, spec: NodeSpec) -> Outputs:
    return {
        name: Artifact(t.kind, Path(), recipe=keys.key({"recipe": key, "output": name}))
        for name, t in spec.outputs.items()
        if isinstance(t, Media)
    }
