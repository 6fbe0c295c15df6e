"""Reads what a provider billed for each request, and keeps it in the ledger beside what was expected."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.queue.bills import TellsBills
from callsheet.nodes.queue.protocol import QueueError
from callsheet.runtime.calls.session import Project
from callsheet.runtime.ledger import MICROS, Attempt, Change, micros
from callsheet.runtime.workspace import Workspace

BILLED: Final = ("ACCEPTED", "RESULT", "STORED", "COMMITTED", "FAILED", "LOST")
"""States of requests that the provider may have billed."""
FAR: Final = 10.0
"""A bill that is this many times more, or less, than expected is said loudly."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one request cost. expected: USD before it was sent, None if unknown. usd: USD as billed.
    from_units: it is the result's billable units at the list price, since the provider tells no bill."""

    address: str
    endpoint: str
    expected: float | None
    usd: float
    from_units: bool = False

    @property
    def far(self) -> bool:
        """Whether it is ten times more, or less, than expected."""
        if not self.expected or not self.usd:
            return False
        return self.usd >= FAR * self.expected or self.expected >= FAR * self.usd


@dataclass(frozen=True, slots=True)
class Bills:
    """new: the bills that came with this look. missing: requests without a bill yet. problems: provider → why
    it tells none."""

    new: tuple[Bill, ...]
    missing: int
    problems: Mapping[str, str] = field(default_factory=dict)


def read_bills(workspace: Workspace) -> Bills:
    """Ask each provider for the bills of all requests that have none yet, and keep them in the ledger.

    Raises InputError when nothing was ever bought or another process owns the project.
    """
    workspace.require_ledger()
    return asyncio.run(_read(workspace))


async def _read(workspace: Workspace) -> Bills:
    new: list[Bill] = []
    problems: dict[str, str] = {}
    async with workspace.open_for_payment() as project:
        for queue in project.queues.values():
            if isinstance(queue, TellsBills):
                bills, problem = await _of(project, queue)
                new += bills
                if problem:
                    problems[queue.name] = problem
        missing = len(await _without(project))
    return Bills(tuple(new), missing, problems)


async def _without(project: Project, provider: str = "") -> list[Attempt]:
    """The requests that have no bill yet."""
    every = await project.ledger.attempts(*BILLED)
    return [a for a in every if a.actual is None and a.request_id and provider in ("", a.provider)]


async def _of(project: Project, queue: TellsBills) -> tuple[list[Bill], str]:
    """The bills of one provider, and why it does not tell all of them."""
    waiting = await _without(project, queue.name)
    problem = ""
    found: Mapping[str, float] = {}
    try:
        found = await queue.billed([attempt.request_id for attempt in waiting]) if waiting else {}
    except (QueueError, NodeError) as error:
        problem = error.message
    bills = [await _keep(project, a, found[a.request_id]) for a in waiting if a.request_id in found]
    rest = [a for a in waiting if a.request_id not in found and a.units is not None]
    try:
        prices = await queue.list_prices(sorted({a.endpoint for a in rest})) if rest else {}
    except (QueueError, NodeError) as error:
        return bills, problem or error.message
    for attempt in rest:
        listed = prices.get(attempt.endpoint)
        if listed is not None and listed.usd > 0 and attempt.units is not None:
            bills.append(await _keep(project, attempt, attempt.units * listed.usd, from_units=True))
    return bills, problem


async def _keep(project: Project, attempt: Attempt, usd: float, from_units: bool = False) -> Bill:
    await project.ledger.note(attempt.id, Change(actual=micros(usd)))
    expected = None if attempt.reserved is None else attempt.reserved / MICROS
    return Bill(attempt.address, attempt.endpoint, expected, usd, from_units)
