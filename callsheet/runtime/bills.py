"""Reads what a provider billed for each request, and keeps it in the ledger beside what was expected.

A bill is the sum of the provider's billing events for a request. Where it lists none, or not to this key, the
billable units of the result times the list price count, until it does.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from callsheet.errors import CallsheetError, NodeError
from callsheet.nodes.queue.bills import TellsBills
from callsheet.nodes.queue.protocol import QueueError
from callsheet.runtime.calls.session import Project
from callsheet.runtime.ledger import MICROS, Chargeable, micros
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
    missing = sum(request.actual is None for request in await project.ledger.chargeable(*BILLED, run=run))
    return Bills(tuple(new), missing, problems, strangers)


async def bills_by_now(project: Project, run: int, seconds: float) -> Bills:
    """The bills of a run as far as they can be had within `seconds`. Raises nothing: a run does not fail for
    them, and `callsheet runs --bills` reads them again."""
    try:
        async with asyncio.timeout(seconds):
            return await bills(project, run)
    except (CallsheetError, TimeoutError):
        return Bills()


def _waits(request: Chargeable) -> bool:
    """Whether a bill may still come, or come instead of what its units say."""
    return request.actual is None or time.time() - request.created < UNSETTLED


async def _of(project: Project, queue: TellsBills, run: int | None) -> tuple[list[Bill], str, int]:
    """The new bills of one provider, why it does not tell all of them, and how many are of others."""
    every = await project.ledger.chargeable(*BILLED, run=run)
    waiting = [request for request in every if request.provider == queue.name and _waits(request)]
    problem = ""
    found: Mapping[str, float] = {}
    try:
        found = await queue.billed([request.request_id for request in waiting]) if waiting else {}
    except (QueueError, NodeError) as error:
        problem = error.message
    strangers = len(found.keys() - {request.request_id for request in waiting})
    told = [(r, found[r.request_id]) for r in waiting if r.request_id in found]
    new = await _kept(project, [(r, usd) for r, usd in told if micros(usd) != r.actual])
    rest = [r for r in waiting if r.request_id not in found and r.actual is None]
    units = [(r, r.units) for r in rest if r.units is not None]
    try:
        prices = await queue.list_prices(sorted({r.endpoint for r, _ in units})) if units else {}
    except (QueueError, NodeError) as error:
        return new, problem or error.message, strangers
    priced = {endpoint: price.usd for endpoint, price in prices.items() if price.usd > 0}
    listed = [(r, count * priced[r.endpoint]) for r, count in units if r.endpoint in priced]
    new += await _kept(project, listed, from_units=True)
    return new, problem, strangers


async def _kept(
    project: Project, bills: Sequence[tuple[Chargeable, float]], from_units: bool = False
) -> list[Bill]:
    """Keep bills in the ledger, all at once."""
    if bills:
        await project.ledger.bill({request.id: micros(usd) for request, usd in bills})
    return [_bill(request, usd, from_units) for request, usd in bills]


def _bill(request: Chargeable, usd: float, from_units: bool) -> Bill:
    expected = None if request.reserved is None else request.reserved / MICROS
    return Bill(request.address, request.endpoint, expected, usd, from_units, request.key)
