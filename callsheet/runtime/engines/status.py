"""What an engine is doing: its slots, its workers and their versions, and why a task waits."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from callsheet.spec.document import Document
from callsheet.spec.plural import plural


@dataclass(frozen=True, slots=True)
class EngineWorker:
    """One worker. where: host and process. slots: tasks that it does at once; busy: those it does now.
    problem: why it gets no tasks, and next_step: what to do about it; "" for one that does."""

    where: str
    slots: int
    busy: int
    problem: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class EngineStatus(Document):
    """What an engine is doing. engine: its name. program: the versions that its workers must have. seconds:
    in which it answered. waiting: tasks that wait for a slot; unrunnable: those that no worker here can
    be given."""

    engine: str
    program: str
    seconds: float
    waiting: int
    unrunnable: int
    workers: tuple[EngineWorker, ...]
    ALSO: ClassVar[tuple[str, ...]] = ("slots", "busy", "ok", "why")

    @property
    def slots(self) -> int:
        """Tasks that its workers do at once."""
        return sum(worker.slots for worker in self.workers if not worker.problem)

    @property
    def busy(self) -> int:
        """Tasks that they do now."""
        return sum(worker.busy for worker in self.workers if not worker.problem)

    @property
    def ok(self) -> bool:
        """Whether a run can use it."""
        return self.slots > 0

    @property
    def why(self) -> str:
        """Why a new task would wait, "" where it would begin at once."""
        if not self.workers:
            return f"there is no worker; start one: callsheet worker {self.engine}"
        if not self.slots:
            return "none of the workers can be used"
        if self.waiting or self.busy >= self.slots:
            before = f"; before it: {plural(self.waiting, 'task')}" if self.waiting else ""
            return f"no slot is free{before}"
        return ""
