"""Downloads from the shared store what this machine lacks: what the lock file names, and what others bought
by the same request."""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Final, TypeVar

from callsheet.errors import InputError, NodeError
from callsheet.runtime import keys
from callsheet.runtime.lock import Lock, Made
from callsheet.runtime.lock.named_results import NamedResults
from callsheet.runtime.plan.forecast import COSTS, Forecast, to_do
from callsheet.runtime.plan.history import OtherResults
from callsheet.runtime.remote_store.at_once import at_once
from callsheet.runtime.remote_store.backend import Access, Missing, Refusing, Unreachable
from callsheet.runtime.remote_store.needs import put_need
from callsheet.runtime.remote_store.offer import Offer
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.remote_store.store import Lost, SharedStore
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.node import NodeSpec
from callsheet.spec.plural import plural

T = TypeVar("T")
ASK_AGAIN: Final = 30.0
"""Seconds after which a store that could not be reached is asked again."""
LACKING: Final = "put it there from where it was made (callsheet lock FILE --store …), or add --buy-again"
NOT_ASKED: Final = "make the store readable, or name another one; --buy-again buys without asking it"
Look = Callable[[OtherResults], tuple[Forecast, ...]]
Earlier = Callable[[Collection[str]], Mapping[str, Made]]
"""Keys → the results that a lock file named for them before."""


class Downloader:
    """Downloads from `shared` what `lock` names, or named at an earlier time, and what the store offers.

    earlier: finds results by key in the history of the lock file. place: of the film among those that need
    something there. believed: whether the store is asked for what no lock names. offers: key → what it has of
    that. problems: key → why it could not be downloaded. access: what the store can do, once that was found
    out.
    """

    def __init__(
        self,
        shared: SharedStore,
        lock: Lock,
        cache: Cache,
        earlier: Earlier,
        place: Callable[[], str],
        believed: bool = True,
    ) -> None:
        self.shared = shared
        self.offers: dict[str, Offer] = {}
        self._believed = believed
        self._place = place
        self.cache = cache
        self.named = NamedResults(cache, lock)
        self.pinned = dict(self.named.named)
        self._alternatives = {key: made.key for made in self.pinned.values() for key in made.refused}
        self._elsewhere = OtherResults(self.find, lock.refused)
        self.problems: dict[str, str] = {}
        self._records: dict[str, bytes] = {}
        self._title = f"the shared store {shared.backend.title}"
        self._asked: set[str] = set()
        self._needed: set[str] = set()
        self._earlier = earlier
        self._sought: set[str] = set()
        self._unreachable, self._since = "", 0.0
        self.access: Access | None = None

    def foresee(self, look: Look) -> tuple[Forecast, ...]:
        """What a run would do, given what the shared store has. Downloads no file."""
        forecasts = self._foresee(look)
        self._needed = {f.key for f in forecasts}
        return tuple(map(self._marked, forecasts))

    def download_all(self, look: Look, pay_again: bool = False) -> tuple[Forecast, ...]:
        """The same, after every file was downloaded. pay_again: also without the store.

        Raises StoreError when the disk cannot take them, InputError for a store that does not exist or cannot
        be read, unless nothing is needed from it.
        """
        forecasts = self._foresee(look, partial(self._open, pay_again))
        self._announce()
        while there := [f for f in forecasts if f.action == "reuse" and f.key in self._records]:
            self._download(there)
            forecasts = look(self._elsewhere)
        self._needed = {f.key for f in forecasts}
        return forecasts

    def _foresee(self, look: Look, first: Callable[[], None] = lambda: None) -> tuple[Forecast, ...]:
        """first: called before the store is asked for anything."""
        forecasts = look(OtherResults(refused=self._elsewhere.refused))
        here = {f.key for f in forecasts if f.outputs is not None and self.named.fits(f.key, f.outputs)}
        if not to_do(forecasts) and len(here) == len({f.key for f in forecasts}):
            return forecasts
        first()
        self._read(here)
        forecasts = look(self._elsewhere)
        while self._learn(f.key for f in forecasts if f.action in COSTS and f.step.provider != "local"):
            self._read(here)
            forecasts = look(self._elsewhere)
        return forecasts

    def _open(self, pay_again: bool) -> None:
        """Find out what the store can do, before anything depends on it."""
        if self.access is not None:
            return
        try:
            self.access = self.shared.backend.access()
        except Unreachable as error:
            if isinstance(error, Refusing) and not pay_again:
                raise InputError(error.message, error.next_step) from error
            self._lost(error)

    def _announce(self) -> None:
        """Say in the store what is taken that no lock file names yet, so that nobody deletes it meanwhile."""
        if self.offers and self.access is not None and not self.access.writes:
            taken = keys.canonical({key: dict(offer.made.outputs) for key, offer in self.offers.items()})
            with contextlib.suppress(Unreachable):
                put_need(self.shared.backend, self._place(), taken)

    def _learn(self, keys: Iterable[str]) -> bool:
        """Look these keys up in what the lock named at an earlier time, and in what the store offers, each
        once. Returns whether there is something new."""
        wanted = {key for key in keys if key and key not in self.pinned} - self._sought
        self._sought |= wanted
        found = dict(self._earlier(wanted)) if wanted else {}
        if self._believed:
            found |= self._offered(sorted(wanted - found.keys()))
        self.pinned.update(found)
        return bool(found)

    def _offered(self, keys: Sequence[str]) -> dict[str, Made]:
        """What the store has for requests that no lock names. Those that it cannot be asked for are
        problems."""
        self._asked.update(keys)
        found = at_once(lambda key: self._attempt(key, lambda: self._offer(key)), keys)
        new = {key: offer for key, offer in zip(keys, found, strict=True) if offer is not None}
        self.offers.update(new)
        return {key: offer.made for key, offer in new.items()}

    def _offer(self, key: str) -> Offer | None:
        try:
            return self.shared.offer(key)
        except Refused as error:
            raise Refused(f"what it says of the result is refused: {error}") from error

    def known_by(self, key: str) -> str:
        """Why a result that cannot be downloaded is there, or may be."""
        key = self._alternatives.get(key, key)
        if offer := self.offers.get(key):
            return f"{self._title} has it, {offer}, but does not give it"
        if key not in self.pinned:
            return f"{self._title} may have it"
        return f"the lock names the result, but {self._title} does not give it"

    def refuse_to_pay_again(self, forecasts: Sequence[Forecast], workers: Collection[str]) -> None:
        """Raises InputError when something would be bought that the lock names or the store may have."""
        costly = [f for f in forecasts if f.action in COSTS and f.step.provider not in workers]
        again = [(f, why) for f in costly if (why := self.problem(f.key))]
        if again:
            (first, why), *others = again
            more = f" and {len(others)} more" if others else ""
            said = f"{first.step.address}{more} would be paid for again: {self.known_by(first.key)}: {why}"
            if self._alternatives.get(first.key, first.key) in self.pinned:
                raise InputError(said, LACKING)
            raise InputError(said, NOT_ASKED)

    def fetch(self, key: str, spec: NodeSpec) -> Outputs | None:
        """Download what the lock file names for a key that became known in the run. Raises StoreError."""
        self._asked.add(key)
        if self._unreachable and time.monotonic() - self._since > ASK_AGAIN:
            self._unreachable = ""
        if spec.provider != "local":
            self._learn([key])
        made = self.pinned.get(key)
        record = self._record(made) if made and key not in self.problems else None
        if made is None or record is None:
            return None
        self._records[key] = record
        outputs = self.find(key, spec)
        return None if outputs is None else self._downloaded(key, outputs)

    def problem(self, key: str) -> str:
        """Why the result for `key`, or that of the alternative that replaced it, could not be downloaded; ""
        if it could, or was not needed."""
        key = self._alternatives.get(key, key)
        return self.problems.get(key, "") if key in self._asked else ""

    def lost(self, key: str) -> Lost:
        """The outputs of a key that the shared store should have and does not give; None for none."""
        return self.pinned[key].outputs if self.problem(key) and key in self.pinned else None

    def notes(self) -> tuple[str, ...]:
        """What could not be downloaded, for the user."""
        counts = Counter(
            (why, key in self.pinned and key not in self.offers)
            for key, why in self.problems.items()
            if key in self._needed or why == self._unreachable
        )
        return tuple(
            f"{plural(count, 'result')} {'that the lock names' if named else 'that others may have bought'}"
            f" could not be taken from {self._title}: {why}"
            for (why, named), count in sorted(counts.items())
        )

    def find(self, key: str, spec: NodeSpec) -> Outputs | None:
        """The outputs that the shared store has for `key`, if they are those of the lock file."""
        self._asked.add(key)
        if key not in self._records:
            return None
        try:
            return self.shared.outputs(self._records[key], key, self.pinned[key].outputs, spec)
        except Refused as refused:
            self._give_up(key, f"its record is refused: {refused}")
            return None

    def _marked(self, forecast: Forecast) -> Forecast:
        there = forecast.action == "reuse" and forecast.key in self._records and not forecast.reason
        offer = self.offers.get(forecast.key)
        where = f"from the store, {offer}" if offer else "in the shared store"
        if forecast.action in COSTS and (why := self.problem(forecast.key)):
            return replace(forecast, reason=f"{self.known_by(forecast.key)}: {why}")
        return replace(forecast, reason=where) if there else forecast

    def _read(self, here: set[str]) -> None:
        """Read the record of every key of the lock file that is not on this machine, once."""
        known = {*here, *self._records, *self.problems}
        wanted = [made for key, made in self.pinned.items() if key not in known]
        for made, found in zip(wanted, at_once(self._record, wanted), strict=True):
            if found is not None:
                self._records[made.key] = found

    def _record(self, made: Made) -> bytes | None:
        return self._attempt(made.key, lambda: self.shared.record(made.key, made.outputs))

    def _download(self, forecasts: Sequence[Forecast]) -> None:
        """Download the files of all; what fails is given up."""
        self.shared.store.prepare()
        wanted = {f.key: f.outputs or {} for f in forecasts}
        at_once(lambda entry: self._downloaded(*entry), wanted.items())

    def _downloaded(self, key: str, outputs: Outputs) -> Outputs | None:
        found = self._attempt(key, lambda: self.shared.download(outputs, self.cache.whole))
        self._records.pop(key, None)
        if found is not None:
            self.named.keep(key, found)
        return found

    def _attempt(self, key: str, work: Callable[[], T]) -> T | None:
        if self._unreachable:
            self._give_up(key, self._unreachable)
            return None
        try:
            return work()
        except Missing:
            self._give_up(key, "it does not have it")
        except Unreachable as error:
            self._lost(error)
            self._give_up(key, error.message)
        except (Refused, NodeError) as error:
            self._give_up(key, str(error))
        return None

    def _lost(self, error: Unreachable) -> None:
        self._unreachable, self._since = error.message, time.monotonic()

    def _give_up(self, key: str, why: str) -> None:
        self.problems[key] = why
        self._records.pop(key, None)
