"""Reads shot lists from the tables of a Markdown text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.text.formats.table import Line, Row, ShotListError, Tell, column, rows

BAR: Final = re.compile(r"(?<!\\)\|")
BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
HEADING: Final = re.compile(
    r" {0,3}(?:#{1,6}\s+(?P<marked>.+?)[\s#]*|(?:\*\*|__)(?P<bold>[^*_]+)(?:\*\*|__):?\s*)\Z"
)
HELP: Final = "write `| id | prompt |`, then `|---|---|`, then a line for each shot"


@dataclass(frozen=True, slots=True)
class Table:
    """A table of a text. heading: the nearest one above it, "" for none. lines: the first is its header."""

    heading: str
    lines: Sequence[Line]


def tables(text: str, tell: Tell) -> Iterator[Row]:
    """The rows of every table with columns of a shot list.

    Of several such tables, each row is in the scene that the heading above its table names, unless the table
    has a column for it. Tells which tables are none of shots. Raises ShotListError.
    """
    found = list(_tables(text.split("\n")))
    if not found:
        raise ShotListError(0, "there is no Markdown table in it", HELP)
    lists = [table for table in found if any(map(column, table.lines[0][1]))]
    for table in found if lists else ():
        if table not in lists:
            tell(f"line {table.lines[0][0]}: this table has no column of a shot list, and is not read")
    for table in lists or found[:1]:
        for row in rows(iter(table.lines), HELP, tell):
            scene = row.cells.get("scene") or (table.heading if len(lists) > 1 else "")
            yield Row(row.line, {**row.cells, "scene": scene}) if scene else row


def is_rule(line: str) -> bool:
    """Whether a line is that under the header of a Markdown table: `|---|:--|`."""
    return "-" in line and "|" in line and not line.strip("|:- \t")


def _tables(lines: Sequence[str]) -> Iterator[Table]:
    """Each table: a header, a rule, and the lines below up to the first without a bar."""
    heading, at = "", 0
    while at < len(lines):
        if found := HEADING.match(lines[at][:300]):
            heading = (found["marked"] or found["bold"]).strip(" *_#:")
        if "|" not in lines[at] or at + 1 == len(lines) or not is_rule(lines[at + 1]):
            at += 1
            continue
        end = next((n for n in range(at + 2, len(lines)) if "|" not in lines[n]), len(lines))
        body = [n for n in (at, *range(at + 2, end)) if not is_rule(lines[n])]
        yield Table(heading, [(n + 1, _between_bars(lines[n])) for n in body])
        at = end


def _between_bars(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [BREAK.sub("\n", cell).replace("\\|", "|").strip() for cell in BAR.split(inner)]
