"""Uploads the results of a run to the shared store while the run goes on."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.remote_store.backends import Unreachable
from callsheet.runtime.remote_store.offer import Offer, Purchase
from callsheet.runtime.remote_store.store import Lost, SharedStore
from callsheet.runtime.store.output_codec import Outputs

AT_ONCE: Final = 4


class Pusher:
    """Uploads results to `shared`, a few at a time. problem: why uploading stopped, or ""."""

    def __init__(self, shared: SharedStore) -> None:
        self.shared = shared
        self.problem = ""
        self._waiting: list[Future[bool]] = []
        self._others: list[tuple[Purchase, Offer]] = []
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def push(self, key: str, outputs: Outputs, purchase: Purchase | None = None, lost: Lost = None) -> None:
        """Upload in the background. purchase: how it was bought, so that others find it by its key. lost: the
        outputs of this key that the store was asked for and does not give."""
        self._waiting.append(self._pool.submit(self._push, key, outputs, purchase, lost))

    def close(self, at_once: bool = False) -> None:
        """Wait for all uploads. at_once: only for those that were begun."""
        self._pool.shutdown(cancel_futures=at_once)

    def notes(self) -> tuple[str, ...]:
        """What could not be uploaded, and what was bought twice, for the user; once it is closed."""
        return (*self._left(), *(_twice(purchase, other) for purchase, other in self._others))

    def _left(self) -> tuple[str, ...]:
        left = sum(one.cancelled() or one.exception() is not None for one in self._waiting)
        if not left:
            return ()
        why = f": {self.problem}" if self.problem else ""
        return (
            f"{left} of {len(self._waiting)} results were not put into the shared store"
            f" {self.shared.backend.title}{why};"
            " `callsheet lock FILE --store …` makes up for it",
        )

    @property
    def counts(self) -> tuple[int, int]:
        """How many results were uploaded, and how many the store had already; once it is closed."""
        ended = [one.result() for one in self._waiting if not one.cancelled() and one.exception() is None]
        return sum(ended), len(ended) - sum(ended)

    def _push(self, key: str, outputs: Outputs, purchase: Purchase | None, lost: Lost) -> bool:
        """After the first problem nothing more is uploaded."""
        if self.problem:
            raise Unreachable(self.problem)
        try:
            new = self.shared.push(key, outputs)
            if purchase is not None:
                other = self.shared.put_offer(key, outputs, purchase, lost)
                self._others += [(purchase, other)] if other is not None and purchase.now else []
            return new
        except (CallsheetError, OSError) as error:
            self.problem = str(error)
            raise


def _twice(purchase: Purchase, other: Offer) -> str:
    return (
        f"{purchase.address} was bought twice: the shared store has another result of the same request,"
        f" {other}. Both are kept; the lock file names yours"
    )
