"""What goes of a shared store, and who needs the rest, as tables."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.ledger import when
from callsheet.cli.views.wording import printable, size
from callsheet.runtime.shared_gc.garbage import DAY, GoingFilm, Needing, SharedGarbage, SharedRules
from callsheet.spec.money import money
from callsheet.spec.plural import plural

MOST: Final = 30
"""Rows of a table at most."""
NOBODY: Final = "(no film is known)"


def shared_garbage_lines(garbage: SharedGarbage, rules: SharedRules) -> Iterator[str]:
    """Who needs what, and what no film needs."""
    if garbage.projects:
        yield f"{printable(garbage.store)} is needed by"
        yield from _table(list(map(_needing, garbage.projects)))
    else:
        yield f"no film says yet what it needs of {printable(garbage.store)}"
        yield "  type `callsheet lock` in each project that uses it, with this version of callsheet"
    days = round(rules.keep / DAY)
    if garbage.going:
        yield f"no film needs these files, and they are older than {plural(days, 'day')}"
        yield from _table([*map(_going, garbage.films), _total(garbage)])
    else:
        yield f"nothing to delete: there is no file older than {plural(days, 'day')} that no film needs"
    yield f"kept: {plural(garbage.kept, 'file')}, {size(garbage.kept_size)}"
    if garbage.early:
        early = f"{plural(garbage.early, 'file')} ({size(garbage.early_size)})"
        yield f"  of these, {early} were there before films said what they need; --all deletes them, too"


def _needing(one: Needing) -> tuple[str, ...]:
    said = f"last said {when(one.at)[:10]}" if one.at is not None else ""
    return f"{one.project}/{one.branch}", plural(one.films, "film"), said


def _going(film: GoingFilm) -> tuple[str, ...]:
    bought = f"bought for {money(film.usd)}" if film.usd else ""
    last = f"last {film.at[:10]}" if film.at else ""
    return film.film or NOBODY, plural(film.files, "file"), size(film.size), bought, last


def _total(garbage: SharedGarbage) -> tuple[str, ...]:
    bought = f"bought for {money(garbage.usd)}" if garbage.usd else ""
    total = sum(entry.size for entry in garbage.going)
    return "all", plural(len(garbage.going), "file"), size(total), bought


def _table(rows: Sequence[tuple[str, ...]]) -> Iterator[str]:
    left = len(rows) - MOST
    shown = [tuple(map(printable, row)) for row in (rows if left <= 0 else [*rows[: MOST - 1], rows[-1]])]
    widths = [max(len(row[i]) for row in shown if i < len(row)) for i in range(max(map(len, shown)))]
    for row in shown:
        yield "  " + "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=False)).rstrip()
    if left > 0:
        yield f"  and {left} more"
