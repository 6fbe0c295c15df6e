"""One request on its way through the emulator: where it goes and what is to go wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from callsheet.emulator.faults.fault import Faults
from callsheet.emulator.faults.outcome import HAPPY, Fate
from callsheet.emulator.http.message import Reply, Request
from callsheet.emulator.journal import Entry
from callsheet.emulator.state import Studio


@dataclass(frozen=True, slots=True)
class Call:
    """parts: what the route took out of the path. fate: how a request made here ends. attached: the faults
    that a request made here brings for its later calls."""

    studio: Studio
    request: Request
    entry: Entry
    parts: dict[str, str]
    fate: Fate = HAPPY
    attached: Faults = field(default_factory=Faults)


Handler = Callable[[Call], Awaitable[Reply]]
