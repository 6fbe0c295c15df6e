"""What a film cost, by shot, model and run, estimate against bill."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from callsheet.page.calls import Calls
from callsheet.page.chart import dollars
from callsheet.page.document.money import MoneyRow
from callsheet.runtime.ledger import Attempt

Group = tuple[str, str, str]
"""Shot, model, run."""


def money_rows(calls: Calls, shots: Mapping[str, str]) -> tuple[MoneyRow, ...]:
    """The sums, oldest run first. shots: address → the title of its row; an address that the film does not
    have any more is its own."""
    groups: dict[Group, list[Attempt]] = {}
    for attempt in calls.paid:
        shot = shots.get(attempt.address, attempt.address)
        groups.setdefault((shot, attempt.endpoint, calls.names[attempt.run]), []).append(attempt)
    return tuple(_row(group, attempts) for group, attempts in groups.items())


def _row(group: Group, attempts: Sequence[Attempt]) -> MoneyRow:
    shot, uses, run = group
    bills = [attempt.actual for attempt in attempts if attempt.actual is not None]
    return MoneyRow(
        shot=shot,
        uses=uses,
        run=run,
        calls=len(attempts),
        usd=dollars(attempt.spent for attempt in attempts),
        expected=dollars(attempt.reserved or 0 for attempt in attempts),
        billed=dollars(bills) if bills else None,
        unpriced=sum(attempt.price is None for attempt in attempts),
    )
