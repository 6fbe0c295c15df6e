"""Stops what would be sent next, when what was sent says that it would fail too."""

from __future__ import annotations

from callsheet.errors import Kind, NodeError
from callsheet.nodes.queue import Refused


class Breaker:
    """One for each provider. `most` equal failures in a row trip it, and so does one refusal that concerns
    every other request as well. What is already accepted is still brought home."""

    def __init__(self, provider: str, most: int = 10) -> None:
        self.provider = provider
        self.most = most
        self.tripped: NodeError | None = None
        self._last: tuple[Kind, str] | None = None
        self._row = 0

    def check(self) -> None:
        """Raises NodeError once the breaker is tripped."""
        if self.tripped is not None:
            raise NodeError(self.tripped.message, self.tripped.kind, self.tripped.next_step)

    def trip(self, why: str, kind: Kind, next_step: str) -> None:
        """Nothing more is sent to the provider."""
        if self.tripped is None:
            self.tripped = NodeError(f"nothing more is sent to {self.provider}: {why}", kind, next_step)

    def refused(self, refusal: Refused) -> None:
        """The provider refused a request."""
        if refusal.stop:
            self.trip(refusal.message, refusal.kind, refusal.next_step or _NEXT_STEPS[refusal.stop])

    def failed(self, kind: Kind, message: str) -> None:
        """A request failed for good."""
        self._row = self._row + 1 if (kind, message) == self._last else 1
        self._last = (kind, message)
        if self._row >= self.most:
            self.trip(
                f"{self._row} failures in a row were the same ({message})",
                kind,
                "find the cause and run again",
            )

    def succeeded(self) -> None:
        """A request brought its result."""
        self._row, self._last = 0, None


_NEXT_STEPS = {
    "auth": "check the key and what it may do, then run again",
    "funds": "top up the account, then run again",
}
