"""Records the requests that arrived, so that tests can count them."""

from __future__ import annotations

from collections import deque
from dataclasses import asdict, dataclass, field
from typing import Any, Final

KEPT: Final = 200_000
PAID: Final = ("submit", "run")


@dataclass(slots=True)
class Entry:
    """One HTTP request. time: seconds since the epoch. authorized: whether a key came along.

    request_id: the request that it is about, or that it created. accepted: whether a paid request was
    accepted. faults: the kinds of faults that hit it. status: of the reply, None while there is none or when
    it was never sent.
    """

    number: int
    time: float
    method: str
    path: str
    place: str = ""
    endpoint: str = ""
    authorized: bool = False
    body: Any = None
    request_id: str = ""
    accepted: bool = False
    faults: list[str] = field(default_factory=list)
    status: int | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


class Journal:
    """The last requests, and every paid POST."""

    def __init__(self) -> None:
        self.requests: deque[Entry] = deque(maxlen=KEPT)
        self.posts: list[Entry] = []
        self._count = 0

    def add(self, time: float, method: str, path: str, authorized: bool) -> Entry:
        """Record a request; its endpoint and its place are added later."""
        self._count += 1
        entry = Entry(self._count, time, method, path, authorized=authorized)
        self.requests.append(entry)
        return entry

    def place(self, entry: Entry, place: str, endpoint: str) -> None:
        """Say where a request belongs; paid ones are kept for good."""
        entry.place, entry.endpoint = place, endpoint
        if place in PAID:
            self.posts.append(entry)

    def clear(self) -> None:
        self.requests.clear()
        self.posts.clear()
        self._count = 0
