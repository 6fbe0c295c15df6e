"""The results of earlier runs, read from cache and ledger."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from callsheet.errors import CallsheetError
from callsheet.nodes import providers
from callsheet.runtime import keys
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.ledger import GIVEN_UP, LIVE, Attempt, LedgerReader
from callsheet.runtime.lock import Lock
from callsheet.runtime.lock.named_results import NamedResults
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import Media

Find = Callable[[str, NodeSpec], Outputs | None]
"""Key → the outputs that somewhere else has for it."""
Lost = Callable[[str], str]
"""Key → that its result is named somewhere and cannot be had; "" for no."""


def nothing(key: str, spec: NodeSpec) -> None:
    """Finds no result."""


def nowhere(key: str) -> str:
    """Knows of no lost result."""
    return ""


@dataclass(frozen=True, slots=True)
class OtherResults:
    """Results from elsewhere, such as a shared store. refused: keys of requests that are known to be refused.
    lost: why a result that is named cannot be had."""

    find: Find = nothing
    refused: frozenset[str] = frozenset()
    lost: Lost = nowhere


NO_OTHERS: Final = OtherResults()


class EarlierRuns:
    """The results of earlier runs. ledger: None if nothing was ever bought. elsewhere: asked for results that
    this project does not have. film: the name of the pipeline; what is told of an address is told of its
    own. named: which of several results of one request counts. at_work: whether a process makes the run with
    this number now."""

    def __init__(
        self,
        cache: Cache,
        ledger: LedgerReader | None,
        elsewhere: OtherResults = NO_OTHERS,
        film: str = "",
        named: NamedResults | None = None,
        at_work: Callable[[int], bool] = lambda _: False,
    ) -> None:
        self.cache = cache
        self.at_work = at_work
        self.named = named or NamedResults(cache, Lock())
        self.film = film
        self.elsewhere = elsewhere
        self._ledger = ledger
        self._live = {a.key: a for a in self._ledger.attempts(*LIVE)} if self._ledger else {}

    def live(self, key: str) -> Attempt | None:
        """The attempt of `key` that is in progress or whose outcome is unknown."""
        return self._live.get(key)

    def committed(self, key: str) -> Attempt | None:
        """The newest attempt of `key` that has a result."""
        return self._ledger.committed(key) if self._ledger else None

    def refused(self, key: str) -> bool:
        """Whether the newest attempt of `key` was refused, or failed after it was accepted."""
        last = self._ledger.last(key) if self._ledger and key else None
        return key in self.elsewhere.refused if last is None else last.state in ("REJECTED", "FAILED")

    def given_up(self, key: str) -> bool:
        """Whether an earlier version counted the newest attempt of `key` as failed though it was paid."""
        last = self._ledger.last(key) if self._ledger and key else None
        return last is not None and last.decision == GIVEN_UP

    def newest(self, address: str) -> Attempt | None:
        """The newest attempt of this film at this address that has a result, whatever its parameters were."""
        return self._ledger.newest(address, f"{self.film}-") if self._ledger else None

    def bought_at(self, address: str) -> list[Attempt]:
        """Every attempt of any film at this address that has a result, newest first: films share results."""
        return self._ledger.committed_at(address) if self._ledger else []

    def recipe(self, address: str) -> Mapping[str, Any] | None:
        """The components of the key with which this address was last made on this machine."""
        return self.cache.recipe(self.film, address)

    def addresses(self) -> set[str]:
        """The addresses of everything that was bought for this film."""
        return self._ledger.addresses(f"{self.film}-") if self._ledger else set()

    def durations(self, uses: str) -> Sequence[float]:
        """Seconds that the newest results of `uses` took, newest first."""
        bought = self._ledger.durations(uses) if self._ledger else []
        return bought or self.cache.durations(uses)

    def bought(self, key: str, spec: NodeSpec) -> Outputs | None:
        """The bought outputs for `key`; None if there are none or their files are missing."""
        found = self.named.find(key)
        if found is not None:
            return found
        mine = self.cache.find(key)
        if mine is None and (attempt := self.committed(key)) is not None:
            mine = self._from_ledger(attempt, spec)
        if mine is not None and self.named.fits(key, mine):
            return mine
        others = self.elsewhere.find(key, spec)
        return mine if others is None else others

    def made(self, key: str, spec: NodeSpec) -> Outputs | None:
        """The outputs for `key` that were made on this machine; None if there are none."""
        found = self.cache.find(key)
        return found if found is not None else self.elsewhere.find(key, spec)

    def _from_ledger(self, attempt: Attempt, spec: NodeSpec) -> Outputs | None:
        """Outputs that the cache does not have, rebuilt from the ledger and the store; None if files are
        missing."""
        assert self._ledger is not None
        queue, store = providers.queue_of(attempt.provider), self.cache.store
        results = Results(lambda _: spec, lambda a: queue.outputs(spec, a.result, a.request_id))
        files = StoreFiles(store, results, store.root)
        kept = self._ledger.kept(attempt.id)
        if not all(files.is_intact(file) for file in kept):
            return None
        try:
            outputs, _ = files.outputs(attempt, kept)
        except CallsheetError:
            return None
        self.cache.record(attempt.key, outputs, spec.uses)
        return outputs


def recipe_outputs(key: str, first: str, spec: NodeSpec) -> Outputs:
    """The outputs of a local operation before it is made. They count by their key, and have no file. first:
    see `keys.origin`."""
    outputs = {
        name: Artifact(t.kind, Path(), recipe=keys.recipe(spec, key, name))
        for name, t in spec.outputs.items()
        if isinstance(t, Media)
    }
    return keys.with_origin(outputs, spec, key, first or key)
