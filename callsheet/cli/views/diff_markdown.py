"""Differences as GitHub's markdown, for a pull request.

What comes from a file is shown as code, and nothing in it can be anything else: in a sentence or a table
every character that could mean something to markdown, HTML or GitHub is written as its number; blocks stand
in fences longer than any in them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.views.diff_summary import Row, order, rows, run_row, run_summary, summary
from callsheet.cli.views.diff_text import in_words
from callsheet.cli.views.price_source import source
from callsheet.cli.views.wording import printable
from callsheet.runtime.diff.changes import AxisChange, Changes
from callsheet.runtime.diff.runs import RunChanges
from callsheet.spec.money import money

MEANS_SOMETHING: Final = re.compile(r"[&<>`\\*_~\[\]|@:#$]|(?<=www)\.", re.IGNORECASE)
FENCES: Final = re.compile(r"`+")
MOST_ROWS: Final = 100
ROWS: Final = (MOST_ROWS, 50, 25, 12, 6, 3, 1)
"""Rows of each table, from the most to the fewest; the first that fits is taken."""
LIMIT: Final = 64_000
"""Bytes of a comment; GitHub refuses one of more than 65,536 characters."""
MOST_CODE: Final = 300
"""Characters of a name or a reason."""
MOST_PRICES: Final = 12
LONGEST: Final = 2_000
"""Characters of one changed text."""
HEAD: Final = "| | what | uses | cost | why |\n|---|---|---|---:|---|"
WORDS: Final = {"+": "new", "-": "gone", "~": "changed", "*": "remade", ">": "renamed"}


def as_markdown(changes: Changes, limit: int = LIMIT) -> str:
    """A line that says it all, a table by node, and every instance and word folded away.

    limit: bytes. What does not fit is left out by whole rows, and counted.
    """
    texts = (_markdown(changes, most) for most in ROWS)
    return next((text for text in texts if len(text.encode()) <= limit), _markdown(changes, 0))


def _markdown(changes: Changes, most: int) -> str:
    """most: rows of each table."""
    title = f"**{code(changes.pipeline)}** {code(changes.old)} → {code(changes.new)}"
    moved = f", moved from {code(changes.moved_from)}" if changes.moved_from else ""
    lines = [f"**{summary(changes)}**", "", title + moved]
    if most == 0:
        return "\n".join(lines) + "\n"
    if changes.instances:
        lines += ["", *_table(rows(changes), most)]
    about = [*map(_axis, changes.axes), *map(code, changes.settings), *map(code, map(str, changes.too_short))]
    if about:
        lines += ["", *(f"- {line}" for line in about)]
    if changes.prices:
        sources = (f"{code(uses)} {code(source(*found))}" for uses, found in changes.prices.items())
        about = list(sources)
        more = f" and {len(about) - MOST_PRICES} more" if len(about) > MOST_PRICES else ""
        lines += ["", f"Prices: {'; '.join(about[:MOST_PRICES])}{more}"]
    if changes.film_usd[0] != changes.film_usd[1]:
        before, after = changes.film_usd
        lines += ["", f"The whole film, made from nothing: {money(before)} → {money(after)}"]
    if len(changes.instances) > len(rows(changes)):
        lines += ["", *folded("Every instance", _table(rows(changes, each=True), most))]
    if words := list(_words(changes, most)):
        lines += ["", *folded("Words", fenced(words))]
    return "\n".join(lines) + "\n"


def runs_as_markdown(changes: RunChanges) -> str:
    lines = [f"**{run_summary(changes)}**", "", f"{code(changes.old)} → {code(changes.new)}"]
    if changes.calls:
        lines += ["", *_table([run_row(call) for call in changes.calls], MOST_ROWS)]
    return "\n".join(lines) + "\n"


def code(text: str) -> str:
    """`text` as code inside a line or a cell of a table, whatever it holds."""
    short = text if len(text) <= MOST_CODE else text[:MOST_CODE] + "…"
    shown = MEANS_SOMETHING.sub(lambda match: f"&#{ord(match[0])};", printable(short))
    return f"<code>{shown}</code>"


def _table(found: Sequence[Row], most: int) -> Iterator[str]:
    yield HEAD
    for row in found[:most]:
        name = code(row.name) + (f" ×{row.count}" if row.count > 1 else "")
        told = row.why and row.why != WORDS[row.mark]
        why = (code(row.why) if told else "") + (", …" if row.several else "")
        yield f"| {WORDS[row.mark]} | {name} | {code(row.uses)} | {row.cost} | {why} |"
    if len(found) > most:
        yield f"| | and {len(found) - most:,} more | | | |"


def _axis(axis: AxisChange) -> str:
    parts = [f"new {code(order(axis.added))}"] if axis.added else []
    parts += [f"gone {code(order(axis.removed))}"] if axis.removed else []
    parts += [f"now in the order {code(order(axis.order))}"] if axis.order else []
    return f"axis {code(axis.name)}: {'; '.join(parts)}"


def _words(changes: Changes, most: int) -> Iterator[str]:
    told: dict[str, str] = {}
    for change in changes.instances:
        for difference in change.differences:
            if difference.words:
                told.setdefault(in_words(difference), change.address)
    for text, address in list(told.items())[:most]:
        short = text if len(text) <= LONGEST else text[:LONGEST] + "…"
        yield f"{printable(address)}  {printable(short)}"
    if len(told) > most:
        yield f"and {len(told) - most:,} more"


def fenced(lines: Sequence[str]) -> list[str]:
    """Lines in a fence that nothing in them ends."""
    longest = max((len(run) for line in lines for run in FENCES.findall(line)), default=0)
    fence = "`" * max(3, longest + 1)
    return [f"{fence}text", *lines, fence]


def folded(title: str, lines: Iterator[str] | Sequence[str]) -> list[str]:
    """Lines that are shown by a click on `title`, which is HTML."""
    return [f"<details><summary>{title}</summary>", "", *lines, "", "</details>"]
