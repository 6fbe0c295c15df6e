"""One HTTP request with what the emulator knows about it: its handler, its faults."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from callsheet.emulator.faults.fault import Faults
from callsheet.emulator.faults.outcome import SUCCESS, Outcome
from callsheet.emulator.http.message import Reply, Request
from callsheet.emulator.journal import Entry
from callsheet.emulator.state import State


@dataclass(frozen=True, slots=True)
class Call:
    """parts: the parts of the path that the route names. outcome: how a request that is submitted here ends.
    attached: faults for the later calls about that request."""

    state: State
    request: Request
    entry: Entry
    parts: dict[str, str]
    outcome: Outcome = SUCCESS
    attached: Faults = field(default_factory=Faults)


Handler = Callable[[Call], Awaitable[Reply]]
