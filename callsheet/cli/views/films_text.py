"""The differences of several films for a terminal or a log."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from callsheet.cli.views.diff_summary import added_usd, paid_usd
from callsheet.cli.views.diff_text import as_text
from callsheet.cli.views.wording import printable
from callsheet.runtime.diff.film_changes import Fault, FilmChanges, FilmsChanges, What
from callsheet.spec.plural import plural

LOCK_FAULTS: Final[dict[Fault, tuple[str, str]]] = {
    "differs": ("it does not have what the film asks for", "run the film, then commit the lock file"),
    "gone": ("it is not there any more", "bring it back, or run the film"),
    "left behind": ("the film was moved without it", "move it to the film with git mv"),
}
"""What is wrong with a lock file, and the next step."""
WORDS: Final[dict[What, str]] = {
    "changed": "changed",
    "moved": "moved",
    "added": "new",
    "deleted": "deleted",
    "failed": "cannot be compared",
    "same": "as before",
}
MOST: Final = 3
"""Reasons why a film cannot be compared."""


def films_as_text(found: FilmsChanges, verbose: bool = False, columns: int | None = None) -> str:
    """Each film with something to tell, and the total at the end. columns: of the terminal, if any."""
    parts = [_film(film, verbose, columns) for film in found.told]
    total = [counted(found)] if len(found.films) > 1 else []
    return "\n\n".join([*parts, *total]) or "no differences"


def counted(found: FilmsChanges) -> str:
    """`3 films: 1 changed, 1 moved, 1 deleted · +$0.29 · $0.41 paid in this branch`"""
    if not found.told:
        return f"{plural(len(found.films), 'film')}: no differences"
    each = {word: sum(film.what == what for film in found.told) for what, word in WORDS.items()}
    words = [f"{count} {word}" for word, count in each.items() if count]
    words += [f"lock file forgotten in {len(found.forgotten)}"] if found.forgotten else []
    head = f"{plural(len(found.told), 'film')}: {', '.join(words)}"
    return " · ".join(part for part in (head, added_usd(found), *paid_usd(found)) if part)


def reasons(film: FilmChanges) -> Iterator[str]:
    """Why a film cannot be compared, a line each."""
    error = film.error
    if error is None:
        return
    wrong = [found for found in error.diagnostics if found.severity == "error"]
    for found in wrong[:MOST]:
        yield f"in {error.label}: {found.code}: {found.message}"
    if len(wrong) > MOST:
        yield f"and {len(wrong) - MOST} more"
    if error.help:
        yield error.help


def _film(film: FilmChanges, verbose: bool, columns: int | None) -> str:
    lines = []
    if film.what == "deleted":
        lines.append(f"{printable(film.path)} is deleted")
    if film.what == "failed":
        lines.append(f"{printable(film.path)} cannot be compared")
        lines += [f"  {printable(line)}" for line in reasons(film)]
    if film.changes is not None:
        lines.append(as_text(film.changes, verbose, columns))
    if film.lock.fault:
        what, step = LOCK_FAULTS[film.lock.fault]
        lines.append(f"{printable(film.lock.path)}: forgotten: {what}; {step}")
        lines += [f"  {printable(line)}" for line in film.lock.differences]
    return "\n".join(lines)
