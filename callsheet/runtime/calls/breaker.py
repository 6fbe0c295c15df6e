"""Stops further requests when those already sent show that they would fail too."""

from __future__ import annotations

from callsheet.errors import Kind, NodeError
from callsheet.nodes.queue.protocol import Refused


class Breaker:
    """One for each provider. `most` equal failures in a row at an endpoint stop further requests to it. One
    refusal that concerns every request (key, funds) stops all requests to the provider, and so do `most`
    requests in a row whose outcome is unknown. Results of accepted requests are still fetched."""

    def __init__(self, provider: str, most: int = 10) -> None:
        self.provider = provider
        self.most = most
        self._tripped: dict[str, NodeError] = {}
        self._last: dict[str, tuple[Kind, str]] = {}
        self._row: dict[str, int] = {}

    def check(self, endpoint: str) -> None:
        """Raises NodeError once nothing more is sent to the provider, or to this endpoint of it."""
        tripped = self._tripped.get("") or self._tripped.get(endpoint)
        if tripped is not None:
            error = NodeError(tripped.message, tripped.kind, tripped.next_step)
            error.about_account = tripped.about_account
            raise error

    def trip(self, why: str, kind: Kind, next_step: str, endpoint: str = "", account: bool = False) -> None:
        """Nothing more is sent to the provider, or to one endpoint of it."""
        where = endpoint or self.provider
        error = NodeError(f"nothing more is sent to {where}: {why}", kind, next_step)
        error.about_account = account
        self._tripped.setdefault(endpoint, error)

    def refused(self, refusal: Refused) -> None:
        """The provider refused a request."""
        if refusal.stop:
            advice = refusal.next_step or _NEXT_STEPS[refusal.stop]
            self.trip(refusal.message, refusal.kind, advice, account=True)

    def failed(self, kind: Kind, message: str, endpoint: str) -> None:
        """A request to an endpoint failed for good. Unknown outcomes count for the whole provider: the
        connection may be the cause."""
        place = "" if kind == "unknown" else endpoint
        row = self._row[place] = (
            self._row.get(place, 0) + 1 if (kind, message) == self._last.get(place) else 1
        )
        self._last[place] = (kind, message)
        if row >= self.most:
            why = f"{row} failures in a row were the same ({message})"
            self.trip(why, kind, "find the cause and run again", place)

    def succeeded(self, endpoint: str) -> None:
        """A request brought its result."""
        for place in ("", endpoint):
            self._row[place] = 0
            self._last.pop(place, None)


_NEXT_STEPS = {
    "auth": "check the key and what it may do, then run again",
    "funds": "top up the account, then run again",
}
