"""One accepted request and its state in the queue."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from callsheet.emulator.faults.fault import Fault, Faults
from callsheet.emulator.faults.kinds import Place
from callsheet.emulator.faults.outcome import SUCCESS, Outcome

State = Literal["IN_QUEUE", "IN_PROGRESS", "COMPLETED"]


@dataclass(slots=True)
class Generation:
    """Times are seconds since the epoch by the provider's clock; seconds is how long the model works.

    app: what its URLs are made of. origin: scheme and host of the submit, under which its media are
    served. units: billable units; unit_price in USD. faults: what its own header asked for later calls.
    """

    id: str
    endpoint: str
    app: str
    body: Mapping[str, object]
    sent_at: float
    seconds: float
    origin: str
    outcome: Outcome = SUCCESS
    faults: Faults = field(default_factory=Faults)
    webhook: str = ""
    state: State = "IN_QUEUE"
    ticket: int = 0
    started_at: float | None = None
    ended_at: float | None = None
    output: object = None
    units: float = 0.0
    unit_price: float = 0.0
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def move(self, state: State) -> None:
        """Set the state and wake those that wait for a change."""
        self.state = state
        self.changed.set()
        self.changed = asyncio.Event()

    @property
    def ended(self) -> bool:
        return self.state == "COMPLETED"

    @property
    def ok(self) -> bool:
        return self.ended and self.outcome.status < 400

    @property
    def answer(self) -> object:
        """What the result call has in its body."""
        return self.output if self.outcome.body is None else self.outcome.body

    def draw(self, place: Place) -> Iterator[Fault]:
        return self.faults.draw(place, self.endpoint)
