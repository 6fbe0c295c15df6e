"""The shared store of one run: downloads what the lock file names, uploads what the run makes."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from functools import partial
from pathlib import Path

from callsheet.errors import NodeError
from callsheet.runtime.lock import Lock
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.history import OtherResults
from callsheet.runtime.remote_store.fetch import Downloader, Earlier, Look
from callsheet.runtime.remote_store.needs import say_need
from callsheet.runtime.remote_store.offer import Purchase
from callsheet.runtime.remote_store.push import Pusher
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.node import NodeSpec
from callsheet.spec.permissions import PERMISSIONS


class RemoteSession:
    """A run's access to the shared store at `location`, a folder or URL; without one ("") it does nothing.

    earlier: finds what the lock file named before. place: of the film among those that need something there,
    see `needs.place_of`. Raises InputError when no installed backend can reach it.
    """

    def __init__(
        self,
        location: str,
        store: Store,
        lock: Lock,
        cache: Cache,
        earlier: Earlier,
        place: Callable[[], str],
    ) -> None:
        self._refused = lock.refused
        self._free: Collection[str] | None = None
        shared = SharedStore.at(location, store) if location else None
        team = PERMISSIONS.get().store == "team"
        self._downloader = Downloader(shared, lock, cache, earlier, place, team) if shared else None
        self._place = place
        self._pusher = Pusher(shared) if shared else None

    def __enter__(self) -> RemoteSession:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """What was raised does not wait for uploads."""
        if kind is not None and self._pusher is not None:
            self._pusher.close(at_once=True)

    @property
    def costs(self) -> Mapping[str, float | None]:
        """Key → USD that a result cost which the store gave, though no lock names it."""
        offers = self._downloader.offers if self._downloader else {}
        return {key: offer.made.usd for key, offer in offers.items()}

    def foresee(self, look: Look) -> tuple[Forecast, ...]:
        """What a run would do. Reads records in the shared store and downloads no file.

        look: makes the forecasts, given what is found elsewhere.
        """
        if self._downloader is None:
            return look(OtherResults(refused=self._refused))
        return self._downloader.foresee(look)

    def download(self, look: Look, workers: Collection[str], pay_again: bool) -> tuple[Forecast, ...]:
        """What the run will do, after everything was downloaded that the lock file names and the store has.

        look: makes the forecasts, given what is found elsewhere. workers: providers that cost nothing. Raises
        InputError when something would be paid for again without `pay_again`, or the store does not exist or
        cannot be read.
        """
        if self._downloader is None:
            return look(OtherResults(refused=self._refused))
        forecasts = self._downloader.download_all(look, pay_again)
        self._free = None if pay_again else workers
        if not pay_again:
            self._downloader.refuse_to_pay_again(forecasts, workers)
        return forecasts

    def fetch(self, key: str, spec: NodeSpec) -> Outputs | None:
        """Download the outputs of a key that became known in the run, if lock file and store have it.

        Raises NodeError when it would be paid for again, StoreError.
        """
        if self._downloader is None:
            return None
        found = self._downloader.fetch(key, spec)
        problem = self._downloader.problem(key)
        if found is None and problem and self._free is not None and spec.provider not in self._free:
            raise NodeError(
                f"it would be paid for again: {self._downloader.known_by(key)}: {problem}",
                "local",
                "add --buy-again to buy it",
            )
        return found

    def bring(self, key: str, spec: NodeSpec) -> Outputs | None:
        """Download the outputs of a key at once, for a person who wants to see them; None where the store
        does not give them. Raises StoreError."""
        if self._downloader is None:
            return None
        self._downloader.shared.store.prepare()
        found = self._downloader.fetch(key, spec)
        self._downloader.cache.flush()
        return found

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be taken from the store, for the user."""
        return self._downloader.notes() if self._downloader else ()

    def listen(self, tell: Callable[[str], None]) -> None:
        """Let `tell` know when the store does not take what is made, and when it does again; it is called
        from another thread, too."""
        if self._pusher is None or self._downloader is None:
            return
        self._pusher.tell = tell
        access = self._downloader.access
        if access is not None and access.writes:
            self._pusher.refuse(access.writes)
            tell(f"what this run makes is not put into the shared store: {access.writes}")

    def in_background(self, work: Callable[[], tuple[str, ...]]) -> None:
        """Do `work`, which puts something else there, in the background. It returns notes for the user."""
        if self._pusher is not None:
            self._pusher.in_background(work)

    def need(self, lock: Path) -> None:
        """Say in the store, in the background, that the film needs what its lock file names. Where nothing
        was taken and nothing given, nothing is said."""
        if self._pusher is None or self._downloader is None or not lock.exists():
            return
        if self._downloader.access is not None or self._pusher.used:
            self.in_background(partial(say_need, self._pusher.shared.backend, self._place(), lock))

    def push(self, key: str, outputs: Outputs, purchase: Purchase | None = None) -> None:
        """Upload what was made under `key`, in the background. purchase: how it was bought."""
        if self._pusher and self._downloader:
            self._pusher.push(key, outputs, purchase, self._downloader.lost(key))

    def hurry(self) -> None:
        """Let `close` wait no longer for a store that is away."""
        if self._pusher is not None:
            self._pusher.hurry()

    def close(self, at_once: bool) -> tuple[str, ...]:
        """Wait for the uploads that were begun, and unless `at_once` for all others, for a minute also where
        the store is away. Returns notes for the user."""
        if self._downloader is None or self._pusher is None:
            return ()
        self._pusher.close(at_once)
        return (*self._downloader.notes(), *self._pusher.notes())
