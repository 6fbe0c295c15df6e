"""Uploads the results of a run to the shared store while the run goes on.

A store that is away is tried again, with longer and longer pauses, while the run goes on and for a minute
after its end. Nothing waits for it meanwhile.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Event, Lock
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.remote_store.backend import Refusing, Unreachable
from callsheet.runtime.remote_store.offer import Offer, Purchase
from callsheet.runtime.remote_store.store import Lost, SharedStore
from callsheet.runtime.store.output_codec import Outputs

AT_ONCE: Final = 4
PAUSES: Final = (1.0, 2.0, 4.0, 8.0, 16.0, 30.0)
"""Seconds between two attempts to reach a store that is away; the last one again and again."""
PATIENCE: Final = 60.0
"""Seconds that the end of a run waits for a store that is away."""
UPLOADS_LATER: Final = "`callsheet lock FILE --store …` uploads what is missing"
"""The next step after an upload that failed."""


class Pusher:
    """Uploads results to `shared`, a few at a time. problem: why uploading does not go on, or "". tell: told
    once when the store is away, and once when it is back; called from another thread."""

    def __init__(self, shared: SharedStore, tell: Callable[[str], None] = lambda _: None) -> None:
        self.shared = shared
        self.problem = ""
        self.tell = tell
        self._stopped = self._told = False
        self._waiting: list[Future[bool]] = []
        self._others: list[tuple[Purchase, Offer]] = []
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._extra: list[Future[tuple[str, ...]]] = []
        self._closing, self._at_once = Event(), Event()
        self._until = float("inf")
        self._lock = Lock()

    def push(self, key: str, outputs: Outputs, purchase: Purchase | None = None, lost: Lost = None) -> None:
        """Upload in the background. purchase: how it was bought, so that others find it by its key. lost: the
        outputs of this key that the store was asked for and does not give."""
        self._waiting.append(self._pool.submit(self._patiently, key, outputs, purchase, lost))

    def in_background(self, work: Callable[[], tuple[str, ...]]) -> None:
        """Do `work`, which is no result, in the background, too; it returns notes for the user."""
        self._extra.append(self._pool.submit(work))

    @property
    def used(self) -> bool:
        """Whether anything was to be uploaded."""
        return bool(self._waiting)

    def refuse(self, why: str) -> None:
        """Upload nothing, since the store does not take it."""
        self.problem, self._stopped = why, True

    def close(self, at_once: bool = False) -> None:
        """Wait for all uploads, and a minute for a store that is away. at_once: only for those that were
        begun, and for no store."""
        self._until = time.monotonic() + PATIENCE
        self._closing.set()
        if at_once:
            self.hurry()
        self._pool.shutdown(cancel_futures=at_once)

    def hurry(self) -> None:
        """Wait for no store from now on."""
        self._at_once.set()
        self._closing.set()

    def notes(self) -> tuple[str, ...]:
        """What could not be uploaded, and what was bought twice, for the user; once it is closed."""
        extra = (note for one in self._extra if not one.cancelled() for note in one.result())
        return (*self._left(), *(_twice(purchase, other) for purchase, other in self._others), *extra)

    def _left(self) -> tuple[str, ...]:
        left = sum(one.cancelled() or one.exception() is not None for one in self._waiting)
        if not left:
            return ()
        why = f": {self.problem}" if self.problem else ""
        return (
            f"{left} of {len(self._waiting)} results were not put into the shared store"
            f" {self.shared.backend.title}{why}; {UPLOADS_LATER}",
        )

    @property
    def counts(self) -> tuple[int, int]:
        """How many results were uploaded, and how many the store had already; once it is closed."""
        ended = [one.result() for one in self._waiting if not one.cancelled() and one.exception() is None]
        return sum(ended), len(ended) - sum(ended)

    def _patiently(self, key: str, outputs: Outputs, purchase: Purchase | None, lost: Lost) -> bool:
        """Upload one result, however long the store is away. After a problem that stays nothing more is
        uploaded."""
        for pause in _pauses():
            if self._stopped or self._is_over:
                break
            try:
                new = self._push(key, outputs, purchase, lost)
            except (CallsheetError, OSError) as error:
                self._failed(error)
                if self._stopped or not self._rests(pause):
                    break
            else:
                self._reached()
                return new
        raise Unreachable(self.problem)

    @property
    def _is_over(self) -> bool:
        """Whether nothing more is tried: somebody is in a hurry, or the store was away for too long."""
        late = self._closing.is_set() and time.monotonic() > self._until
        return self._at_once.is_set() or (late and bool(self.problem))

    def _push(self, key: str, outputs: Outputs, purchase: Purchase | None, lost: Lost) -> bool:
        new = self.shared.push(key, outputs, again=lost is not None)
        if purchase is not None:
            other = self.shared.put_offer(key, outputs, purchase, lost)
            self._others += [(purchase, other)] if other is not None and purchase.now else []
        return new

    def _failed(self, error: Exception) -> None:
        with self._lock:
            self.problem = str(error)
            self._stopped |= isinstance(error, Refusing) or not isinstance(error, Unreachable)
            first, self._told = not self._told, True
        if first:
            self.tell(f"the shared store does not take results now: {error}; the run goes on without it")

    def _reached(self) -> None:
        with self._lock:
            if self._stopped or not self.problem:
                return
            self.problem = ""
        self.tell(f"the shared store {self.shared.backend.title} takes results again")

    def _rests(self, pause: float) -> bool:
        """Wait before the next attempt. Returns whether there is to be one."""
        if self._closing.is_set():
            if time.monotonic() + pause > self._until:
                return False
            return not self._at_once.wait(pause)
        self._closing.wait(pause)
        return not self._at_once.is_set()


def _pauses() -> Iterator[float]:
    yield from PAUSES
    while True:
        yield PAUSES[-1]


def _twice(purchase: Purchase, other: Offer) -> str:
    return (
        f"{purchase.address} was bought twice: the shared store has another result of the same request,"
        f" {other}. Both are kept; the lock file names yours"
    )
