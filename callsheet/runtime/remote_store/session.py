"""What one run takes from a shared store, and what it gives to it."""

from __future__ import annotations

from collections.abc import Collection

from callsheet.errors import NodeError
from callsheet.runtime.lock import Lock
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.history import OtherResults
from callsheet.runtime.remote_store.fetch import Borrower, Look
from callsheet.runtime.remote_store.push import Pusher
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.node import NodeSpec


class Sharing:
    """where: the folder or URL of the shared store; "" for none, and then nothing here does anything.

    Raises InputError when nothing here can reach it.
    """

    def __init__(self, where: str, store: Store, lock: Lock, cache: Cache) -> None:
        self._refused = lock.refused
        self._free: Collection[str] | None = None
        shared = SharedStore.at(where, store) if where else None
        self._borrower = Borrower(shared, lock, cache) if shared else None
        self._pusher = Pusher(shared) if shared else None

    def foresee(self, look: Look) -> tuple[Forecast, ...]:
        """What a run would do; nothing is brought from the shared store.

        look: foresees, given what is elsewhere.
        """
        if self._borrower is None:
            return look(OtherResults(refused=self._refused))
        return self._borrower.foresee(look)

    def borrow(self, look: Look, workers: Collection[str], pay_again: bool) -> tuple[Forecast, ...]:
        """What the run will do, once all that the lock names and the store has is here.

        look: foresees, given what is elsewhere. workers: providers that cost nothing. Raises InputError when
        something would be paid for again and the person did not agree to `pay_again`.
        """
        if self._borrower is None:
            return look(OtherResults(refused=self._refused))
        forecasts = self._borrower.borrow(look)
        self._free = None if pay_again else workers
        if not pay_again:
            self._borrower.refuse_to_pay_again(forecasts, workers)
        return forecasts

    def fetch(self, key: str, spec: NodeSpec) -> Outputs | None:
        """What the lock names for a key that nobody foresaw, if the store has it.

        Raises NodeError when it would be paid for again, StoreError.
        """
        if self._borrower is None:
            return None
        found = self._borrower.fetch(key, spec)
        trouble = self._borrower.trouble(key)
        if found is None and trouble and self._free is not None and spec.provider not in self._free:
            raise NodeError(
                f"it would be paid for again: the lock names it, the shared store lacks it: {trouble}",
                "local",
                "add --pay-again to buy it",
            )
        return found

    def push(self, key: str, outputs: Outputs) -> None:
        """Give what was made under `key`; returns at once."""
        if self._pusher:
            self._pusher.push(key, outputs)

    def close(self, at_once: bool) -> tuple[str, ...]:
        """Wait until all is given, or at once; what the person should know."""
        if self._borrower is None or self._pusher is None:
            return ()
        self._pusher.close(at_once)
        return (*self._borrower.notes(), *self._pusher.notes())
