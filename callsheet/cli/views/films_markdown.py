"""The differences of several films as one comment on a pull request: the total, a table, then each film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.diff_markdown import LIMIT, as_markdown, code, fenced, folded
from callsheet.cli.views.diff_summary import added_usd, paid_usd, summary
from callsheet.cli.views.films_text import LOCK_FAULTS, WORDS, counted, reasons
from callsheet.cli.views.wording import printable
from callsheet.runtime.diff.film_changes import FilmChanges, FilmsChanges
from callsheet.spec.plural import plural

NOTHING: Final = "No pipeline makes anything else.\n"
HEAD: Final = "| film | | to pay | paid | |\n|---|---|---:|---:|---|"
MOST_FILMS: Final = 60
"""Rows of the table."""
MOST_LINES: Final = 12
"""Lines about one lock file."""


def films_as_markdown(found: FilmsChanges, limit: int = LIMIT) -> str:
    """limit: bytes. Each film gets an equal share, and what others leave of theirs; it is cut at whole rows,
    and a film for which there is no space stays in the table."""
    if not found.told:
        return NOTHING
    if len(found.told) == 1:
        return _film(found.told[0], limit)
    lines = [f"**{counted(found)}**", "", *_table(found.told)]
    shown = dict(_shared(found.told, limit - _size(lines)))
    for film in found.told:
        lines += shown[film.path]
    return "\n".join(lines) + "\n"


def _shared(films: Sequence[FilmChanges], left: int) -> Iterator[tuple[str, list[str]]]:
    """The path of each film and its lines. The smallest first, so that the others get what they leave."""
    whole = {film.path: _folded(film, LIMIT) for film in films}
    for i, film in enumerate(sorted(films, key=lambda film: _size(whole[film.path]))):
        share = left // (len(films) - i)
        lines = whole[film.path]
        lines = lines if _size(lines) <= share else _folded(film, share)
        lines = lines if _size(lines) <= share else []
        left -= _size(lines)
        yield film.path, lines


def _size(lines: Sequence[str]) -> int:
    return sum(len(line.encode()) + 1 for line in lines)


def _folded(film: FilmChanges, share: int) -> list[str]:
    title = f"{code(film.path)} {_in_short(film)}"
    around = _size(["", *folded(title, [])])
    return ["", *folded(title, _film(film, share - around).rstrip("\n").split("\n"))]


def _in_short(film: FilmChanges) -> str:
    if film.what in ("deleted", "failed"):
        return WORDS[film.what]
    return code(summary(film.changes)) if film.changes else ""


def _table(films: Sequence[FilmChanges]) -> Iterator[str]:
    yield HEAD
    for film in films[:MOST_FILMS]:
        changes = film.changes
        cost = added_usd(changes) if changes else ""
        paid = ", ".join(paid_usd(changes)) if changes else ""
        lock = "**lock file forgotten**" if film.lock.fault else ""
        yield f"| {code(film.path)} | {_what(film)} | {cost} | {paid} | {lock} |"
    if len(films) > MOST_FILMS:
        yield f"| and {len(films) - MOST_FILMS:,} more | | | | |"


def _what(film: FilmChanges) -> str:
    if film.what == "failed":
        return f"**{WORDS['failed']}**"
    if film.changes and film.changes.moved_from:
        return f"moved from {code(film.changes.moved_from)}"
    return WORDS[film.what]


def _film(film: FilmChanges, limit: int) -> str:
    """All about one film."""
    lines = []
    if film.what == "failed":
        why = [printable(line) for line in reasons(film)]
        lines += [f"**{code(film.path)} cannot be compared**", "", *fenced(why), ""]
    if film.what == "deleted":
        lines += [f"**{code(film.path)} is deleted**", ""]
    if film.lock.fault:
        lines += [*_lock(film), ""]
    changes = as_markdown(film.changes, limit - _size(lines)) if film.changes else ""
    return "\n".join([*lines, changes])


def _lock(film: FilmChanges) -> Iterator[str]:
    fault = film.lock
    what, step = LOCK_FAULTS[fault.fault]
    before = f" ({code(fault.before)} before)" if fault.before not in ("", fault.path) else ""
    yield f"**The lock file was forgotten.** {code(fault.path)}{before}: {what}; {step}."
    if fault.differences:
        about = [f"- {code(line)}" for line in fault.differences[:MOST_LINES]]
        more = len(fault.differences) - MOST_LINES
        about += [f"- and {more:,} more"] if more > 0 else []
        yield from ("", *folded(plural(len(fault.differences), "result"), about))
