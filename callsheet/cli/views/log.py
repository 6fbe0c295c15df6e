"""How the history of a film looks: a line for each commit, and below it what happened."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.wording import printable
from callsheet.runtime.film_log import Entry
from callsheet.spec.money import money

MOST: Final = 12
"""Lines of one commit."""


def log_lines(entries: Sequence[Entry]) -> Iterator[str]:
    """Every commit, newest first."""
    for entry in entries:
        cost = f"  {money(entry.usd)}" if entry.usd else ""
        cost += f" and {entry.unpriced} of unknown price" if entry.unpriced else ""
        head = f"{entry.commit[:9]}  {entry.day}  {entry.author}: {entry.subject}"
        yield f"{printable(head)}{cost}"
        yield from (f"    {printable(sentence)}" for sentence in entry.said[:MOST])
        if len(entry.said) > MOST:
            yield f"    and {len(entry.said) - MOST} more"
