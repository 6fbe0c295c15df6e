"""Reads what a provider billed for each request, and keeps it in the ledger beside what was expected.

A bill is the sum of the provider's billing events for a request. Where it lists none, or not to this key, the
billable units of the result times the list price count, until it does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.errors import CallsheetError, NodeError
from callsheet.nodes.queue.bills import TellsBills
from callsheet.nodes.queue.protocol import QueueError
from callsheet.runtime.calls.session import Project
from callsheet.runtime.ledger import MICROS, Attempt, Change, micros
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.event_loop import complete
from callsheet.spec.money import money

BILLED: Final = ("ACCEPTED", "RESULT", "STORED", "COMMITTED", "FAILED", "LOST")
"""States of requests that the provider may have billed."""
FAR: Final = 10.0
"""A bill that is this many times more, or less, than expected is said loudly."""
UNSETTLED: Final = 7 * 86_400.0
"""Seconds for which a bill is asked for again: it may come late, and replaces what the units say."""


@dataclass(frozen=True, slots=True)
class Bill:
    """What one request cost. expected: USD before it was sent, None if unknown. usd: USD as billed.
    from_units: it is the result's billable units at the list price, since the provider tells no bill. key: of
    the request."""

    address: str
    endpoint: str
    expected: float | None
    usd: float
    from_units: bool = False
    key: str = ""

    @property
    def far(self) -> bool:
        """Whether it is ten times more, or less, than expected; whether what should cost nothing costs
        something."""
        if self.expected is None or not self.usd:
            return False
        return self.usd >= FAR * self.expected or self.expected >= FAR * self.usd

    def __str__(self) -> str:
        how = " by its billable units" if self.from_units else ""
        expected = "" if self.expected is None else f" where {money(self.expected)} was expected"
        return f"{self.address} ({self.endpoint}) cost {money(self.usd)}{how}{expected}"


@dataclass(frozen=True, slots=True)
class Bills(Document):
    """new: the bills that came, or changed, with this look. missing: requests without a bill yet. problems:
    provider → why it tells none. strangers: bills of requests that nobody here knows; they do not count."""

    new: tuple[Bill, ...] = ()
    missing: int = 0
    problems: Mapping[str, str] = field(default_factory=dict)
    strangers: int = 0


def read_bills(workspace: Workspace) -> Bills:
    """Ask each provider for the bills of all requests that have none yet, and keep them in the ledger.

    Raises InputError when nothing was ever bought or another process owns the project.
    """
    workspace.require_ledger()
    return complete(_read(workspace))


async def _read(workspace: Workspace) -> Bills:
    async with workspace.open_for_payment() as project:
        return await bills(project)


async def bills(project: Project, run: int | None = None) -> Bills:
    """The same for a project that this process owns. run: for the requests of this run alone.

    Raises LedgerError.
    """
    new: list[Bill] = []
    problems: dict[str, str] = {}
    strangers = 0
    for queue in project.queues.values():
        if isinstance(queue, TellsBills):
            found, problem, others = await _of(project, queue, run)
            new += found
            strangers += others
            if problem:
                problems[queue.name] = problem
    missing = sum(attempt.actual is None for attempt in await _sent(project, run))
    return Bills(tuple(new), missing, problems, strangers)


async def bills_by_now(project: Project, run: int, seconds: float) -> Bills:
    """The bills of a run as far as they can be had within `seconds`. Raises nothing: a run does not fail for
    them, and `callsheet runs --bills` reads them again."""
    try:
        async with asyncio.timeout(seconds):
            return await bills(project, run)
    except (CallsheetError, TimeoutError):
        return Bills()


async def _sent(project: Project, run: int | None, provider: str = "") -> list[Attempt]:
    """The requests that the provider may have billed."""
    every = await project.ledger.attempts(*BILLED, run=run)
    return [a for a in every if a.request_id and provider in ("", a.provider)]


def _waits(attempt: Attempt) -> bool:
    """Whether a bill may still come, or come instead of what its units say."""
    return attempt.actual is None or time.time() - attempt.created < UNSETTLED


async def _of(project: Project, queue: TellsBills, run: int | None) -> tuple[list[Bill], str, int]:
    """The new bills of one provider, why it does not tell all of them, and how many are of others."""
    waiting = [attempt for attempt in await _sent(project, run, queue.name) if _waits(attempt)]
    problem = ""
    found: Mapping[str, float] = {}
    try:
        found = await queue.billed([attempt.request_id for attempt in waiting]) if waiting else {}
    except (QueueError, NodeError) as error:
        problem = error.message
    strangers = len(found.keys() - {attempt.request_id for attempt in waiting})
    told = [a for a in waiting if a.request_id in found and micros(found[a.request_id]) != a.actual]
    new = [await _keep(project, attempt, found[attempt.request_id]) for attempt in told]
    rest = [a for a in waiting if a.request_id not in found and a.actual is None and a.units is not None]
    try:
        prices = await queue.list_prices(sorted({a.endpoint for a in rest})) if rest else {}
    except (QueueError, NodeError) as error:
        return new, problem or error.message, strangers
    for attempt in rest:
        listed = prices.get(attempt.endpoint)
        if listed is not None and listed.usd > 0 and attempt.units is not None:
            new.append(await _keep(project, attempt, attempt.units * listed.usd, from_units=True))
    return new, problem, strangers


async def _keep(project: Project, attempt: Attempt, usd: float, from_units: bool = False) -> Bill:
    await project.ledger.note(attempt.id, Change(actual=micros(usd)))
    expected = None if attempt.reserved is None else attempt.reserved / MICROS
    return Bill(attempt.address, attempt.endpoint, expected, usd, from_units, attempt.key)
