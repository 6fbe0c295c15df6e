"""How long a run goes on asking for what it has paid for. Whatever it leaves, a later run asks for again."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callsheet.nodes.queue.protocol import ModelFailed, QueueError

USELESS: Final = (5.0, 25.0)
"""Pauses in seconds after what came was of no use: it is looked at three times within a minute."""
DOUBTED: Final = (2.0, 5.0)
"""The same, for a failure that a gateway may have made up."""


@dataclass(frozen=True, slots=True)
class FetchRetry:
    """How often to ask. Pauses grow from `first` to `cap` seconds, doubling.

    passing: errors in a row that say nothing of the request. key: the same when the key is not accepted.
    gone: times that it is not there. useless: times that the same came, and cannot be used.
    """

    first: float = 1.0
    cap: float = 30.0
    passing: int = 40
    key: int = 3
    gone: int = 8
    useless: int = 3

    def pause(self, errors: int, asked: float | None = None) -> float:
        """Seconds to wait after so many errors in a row; `asked`: what the provider asked for."""
        return max(min(self.cap, self.first * 2.0 ** min(errors - 1, 16)), min(asked or 0.0, 10 * self.cap))


BRIEF: Final = FetchRetry(passing=4, gone=3)
"""For what is asked before a run that asks again for all that it needs."""


class Patience:
    """Counts what goes wrong with one question, in a row. known: what an earlier run was left with; where
    that comes again, it is asked only once more."""

    def __init__(self, retry: FetchRetry, known: str = "") -> None:
        self.retry = retry
        self.errors = 0
        self.gone = 0
        self.same = 0
        self._last = ""
        self._known = known

    def pause(self, error: QueueError) -> float | None:
        """Seconds until it is asked again; None when this run asks no more."""
        self.errors += 1
        self.gone += error.gone
        self.same = self.same + 1 if error.alike == self._last else 1
        self._last = error.alike
        most = self.retry.key if error.kind == "rejected" and error.passing else self.retry.passing
        if self.errors >= most or self.gone >= self.retry.gone:
            return None
        if error.passing or error.gone:
            return self.retry.pause(self.errors, error.retry_after)
        if self.same >= self.retry.useless:
            return None
        if isinstance(error, ModelFailed):
            return _nth(DOUBTED, self.same)
        if error.message == self._known:
            return 0.0 if self.same == 1 else None
        return _nth(USELESS, self.same)


def _nth(pauses: tuple[float, ...], number: int) -> float:
    return pauses[min(number, len(pauses)) - 1]
