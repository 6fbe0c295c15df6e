"""The protocol of an engine, and what it tells about the tasks that it has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Protocol

from callsheet.errors import NodeError
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.task import Answer, Task

TRIES: Final = 5
"""How often a task is begun whose worker is lost, before it is given up: it may be what kills them."""


def _ignore(_: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Watch:
    """Who hears of a task. progress: takes 0 to 1. waits: takes what it waits for, in words; "" when it does
    not wait any more."""

    progress: Callable[[float], None] = _ignore
    waits: Callable[[str], None] = _ignore


class Engine(Protocol):
    """Carries out tasks somewhere. limit: how many it takes at once; it may change while the engine is open,
    and `when_wider` is then called.

    `open` raises InputError: it cannot be reached, no worker comes, workers have other versions or do not
    reach the store. `perform` gives the answer of a worker, or raises NodeError (*local*). Cancelling the
    asyncio task that awaits it calls the work back. A lost worker is no error: the task is done again,
    elsewhere, `TRIES` times. patience: seconds without any worker after which `perform` raises NoWorkers, for
    another engine to take over; none do by themselves. notes: what a person is told at the end of the run.
    """

    title: str
    notes: list[str]
    patience: float
    when_wider: Callable[[], None]

    @property
    def limit(self) -> int: ...

    async def open(self, place: Place) -> None: ...
    async def perform(self, task: Task, watch: Watch) -> Answer: ...
    async def close(self) -> None: ...


class NoWorkers(Exception):
    """An engine has had no worker for so long that another one may take the task."""


def lost(address: str, how: str, times: int) -> NodeError:
    """The error of a task whose workers were lost too often: so many times."""
    return NodeError(
        f"{address}: {how} {times} times while it was made",
        "local",
        "it may need more memory than there is: give workers more, or make it here with --on here",
    )
