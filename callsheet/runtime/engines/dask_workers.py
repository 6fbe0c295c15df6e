"""The workers of a Dask cluster, as a driver sees them: their slots, and whether each can be used."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from distributed import Client

from callsheet.errors import CallsheetError, NodeError
from callsheet.runtime.engines.look import Look
from callsheet.runtime.engines.task import Answer, differences
from callsheet.runtime.engines.work import work

LOOKING: Final = 15.0
"""Seconds that a scheduler has to say who works for it, and a worker what it can do."""


@dataclass(frozen=True, slots=True)
class Seen:
    """One worker. slots: tasks that it does at once. where: host and process, "" where it did not tell.
    problem: why it gets no tasks, and step: what to do about it; "" for one that does."""

    address: str
    slots: int
    where: str = ""
    problem: str = ""
    step: str = ""


@dataclass(slots=True)
class Crew:
    """The workers of a cluster that were looked at. question: what each is asked first."""

    question: Look
    seen: dict[str, Seen] = field(default_factory=dict)

    @property
    def fit(self) -> dict[str, int]:
        """Address → slots of those that can be used."""
        return {one.address: one.slots for one in self.seen.values() if not one.problem}

    @property
    def unfit(self) -> list[Seen]:
        """Those that are there and cannot be used."""
        return [one for one in self.seen.values() if one.problem]

    async def look(self, client: Client) -> None:
        """Look at who is there, and at what the new ones can do. Raises OSError where the scheduler is not
        reached."""
        async with asyncio.timeout(LOOKING):
            there: Mapping[str, Any] = (await client.scheduler.identity())["workers"]
        for gone in self.seen.keys() - there.keys():
            del self.seen[gone]
        new = {a: int(told.get("nthreads", 1)) for a, told in there.items() if a not in self.seen}
        if new:
            self.seen.update({one.address: one for one in await self._looked_at(client, new)})

    def mistrust(self, where: str, other: str) -> None:
        """A worker has refused a task, since it has another program than it had."""
        for one in list(self.seen.values()):
            if one.where == where:
                self.seen[one.address] = Seen(one.address, one.slots, where, *_other(other))

    async def _looked_at(self, client: Client, new: Mapping[str, int]) -> list[Seen]:
        answers = await _asked(client, self.question.task.to_json(), list(new))
        return [
            await asyncio.to_thread(self._judged, address, new[address], answer)
            for address, answer in answers.items()
        ]

    def _judged(self, address: str, slots: int, answer: object) -> Seen:
        if not isinstance(answer, str):
            return Seen(address, slots, "", *_silent(answer))
        try:
            found = Answer.from_json(answer)
        except NodeError as error:
            return Seen(address, slots, "", *_silent(error))
        if found.other:
            return Seen(address, slots, found.where, *_other(found.other))
        try:
            self.question.require(found)
        except CallsheetError as error:
            return Seen(
                address, slots, found.where, f"cannot use the store: {error.message}", error.next_step
            )
        return Seen(address, slots, found.where)


async def _asked(client: Client, task: str, workers: Collection[str]) -> dict[str, object]:
    """What each worker answers; an error for one that does not."""

    async def one(address: str) -> object:
        try:
            async with asyncio.timeout(LOOKING):
                found = await client.run(work, task, workers=[address], on_error="return")
            return found.get(address)
        except (OSError, TimeoutError) as error:
            return error

    answers = await asyncio.gather(*map(one, workers))
    return dict(zip(workers, answers, strict=True))


def _silent(answer: object) -> tuple[str, str]:
    """Why a worker gave no answer, and what to do."""
    if isinstance(answer, ImportError):
        return "has no callsheet with engines", "install the same callsheet there, and start it again"
    if isinstance(answer, NodeError):
        return "gives answers that cannot be read", "install the same callsheet there, and start it again"
    if isinstance(answer, TimeoutError):
        return "does not answer", "look at it there, or end it"
    return f"cannot be used ({type(answer).__name__})", "look at its log"


def _other(other: str) -> tuple[str, str]:
    return f"has other versions: {differences(other)}", "install the same on both"
