"""What a run says at its end of single instances: what failed, what is not whole, what waits for a person."""

from __future__ import annotations

from typing import TypeVar

from callsheet.runtime.events import Event, NodeFailed, NodeGate, NodeIncomplete, RunGrew, RunStarted

Remark = TypeVar("Remark", NodeFailed, NodeIncomplete, NodeGate)


class Remarks:
    """Collects the remarks of a run, and gives them in the order of its plan, whenever they came."""

    def __init__(self) -> None:
        self._order: dict[str, int] = {}
        self._failures: list[NodeFailed] = []
        self._incomplete: list[NodeIncomplete] = []
        self._held: list[NodeGate] = []

    def show(self, event: Event) -> None:
        match event:
            case RunStarted() | RunGrew():
                for planned in event.instances:
                    self._order.setdefault(planned.address, len(self._order))
            case NodeFailed():
                self._failures.append(event)
            case NodeIncomplete():
                self._incomplete.append(event)
            case NodeGate(gate="closed" | "changed"):
                self._held.append(event)

    @property
    def failures(self) -> list[NodeFailed]:
        """What failed for good."""
        return self._sorted(self._failures)

    @property
    def incomplete(self) -> list[NodeIncomplete]:
        """What was made without all elements of its lists."""
        return self._sorted(self._incomplete)

    @property
    def held(self) -> list[NodeGate]:
        """What waits for a person."""
        return self._sorted(self._held)

    def _sorted(self, remarks: list[Remark]) -> list[Remark]:
        return sorted(remarks, key=lambda event: self._order.get(event.address, len(self._order)))
