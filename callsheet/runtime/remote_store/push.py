"""What a run makes goes to the shared store while the run goes on."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from typing import Final

from callsheet.errors import CallsheetError
from callsheet.runtime.remote_store.backends import Unreachable
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.output_codec import Outputs

AT_ONCE: Final = 4


class Pusher:
    """Puts results into `shared`, a few at a time. trouble: why the rest
    was not tried any more."""

    def __init__(self, shared: SharedStore) -> None:
        self.shared = shared
        self.trouble = ""
        self._waiting: list[Future[bool]] = []
        self._pool = ThreadPoolExecutor(AT_ONCE)

    def push(self, key: str, outputs: Outputs) -> None:
        """Returns at once."""
        self._waiting.append(self._pool.submit(self._push, key, outputs))

    def close(self, at_once: bool = False) -> None:
        """Wait until all is there. at_once: only for what is under way."""
        self._pool.shutdown(cancel_futures=at_once)

    def notes(self) -> tuple[str, ...]:
        """What the person should know, once it is closed."""
        left = sum(one.cancelled() or one.exception() is not None for one in self._waiting)
        if not left:
            return ()
        where = f"the shared store {self.shared.place.title}" + (f": {self.trouble}" if self.trouble else "")
        return (
            f"{left} of {len(self._waiting)} results were not put into {where};"
            " `callsheet lock FILE --store …` makes up for it",
        )

    @property
    def counts(self) -> tuple[int, int]:
        """How many results are new there, and how many were there before, once it is closed."""
        ended = [one.result() for one in self._waiting if not one.cancelled() and one.exception() is None]
        return sum(ended), len(ended) - sum(ended)

    def _push(self, key: str, outputs: Outputs) -> bool:
        """After the first trouble nothing more is tried."""
        if self.trouble:
            raise Unreachable(self.trouble)
        try:
            return self.shared.push(key, outputs)
        except (CallsheetError, OSError) as error:
            self.trouble = str(error)
            raise
