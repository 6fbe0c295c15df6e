"""Shot lists in tables: CSV, TSV and Markdown."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from io import StringIO
from typing import Final

from callsheet.nodes.text.formats.columns import ALIASES, column
from callsheet.nodes.text.formats.row import Row, ShotListError

Line = tuple[int, Sequence[str]]
"""A line's number, from 1, and its cells."""

BAR: Final = re.compile(r"(?<!\\)\|")
BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
MOST_COLUMNS: Final = 200


def delimited(text: str, delimiter: str) -> Iterator[Row]:
    """The rows of a CSV or TSV text. delimiter: "" for the one that its first line has most of."""
    lines = _cells(text, delimiter or _delimiter(text))
    yield from _rows(lines, "save the list as CSV with a header line")


def markdown(text: str) -> Iterator[Row]:
    """The rows of the first Markdown table in a text."""
    lines = text.split("\n")
    rule = next((i for i, line in enumerate(lines) if i and "|" in lines[i - 1] and is_rule(line)), None)
    if rule is None:
        help = "write `| id | prompt |`, then `|---|---|`, then a line for each shot"
        raise ShotListError(0, "there is no Markdown table in it", help)
    yield from _rows(_barred(lines, rule), "write `| id | prompt |` above the line of dashes")


def is_rule(line: str) -> bool:
    """Whether a line is that under the header of a Markdown table: `|---|:--|`."""
    return "-" in line and "|" in line and not line.strip("|:- \t")


def _delimiter(text: str) -> str:
    first = text.lstrip("\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _cells(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        help = 'put text with commas or line breaks in double quotes, and write `""` for one inside'
        raise ShotListError(number, f"this is no line of a table: {error}", help) from None


def _barred(lines: Sequence[str], rule: int) -> Iterator[Line]:
    """The header above the rule, and the lines below it up to the first without a bar."""
    yield rule, _between_bars(lines[rule - 1])
    for number, line in enumerate(lines[rule + 1 :], rule + 2):
        if "|" not in line:
            return
        yield number, _between_bars(line)


def _between_bars(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [BREAK.sub("\n", cell).replace("\\|", "|").strip() for cell in BAR.split(inner)]


def _rows(lines: Iterator[Line], help: str) -> Iterator[Row]:
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    header = next(filled, None)
    if header is None:
        raise ShotListError(0, "the shot list is empty", help)
    columns = _columns(*header)
    for number, cells in filled:
        if len(cells) > len(columns):
            message = f"this line has {len(cells)} cells, the header {len(columns)}"
            raise ShotListError(number, message, "quote text that holds the separator")
        yield Row(number, _named(columns, cells))


def _columns(number: int, headers: Sequence[str]) -> list[str | None]:
    columns = [column(header) for header in headers]
    if not any(columns) or len(columns) > MOST_COLUMNS:
        shown = ", ".join(f"`{header.strip()[:30]}`" for header in headers[:8])
        raise ShotListError(
            number, f"none of these is a column of a shot list: {shown}", f"name some {', '.join(ALIASES)}"
        )
    return columns


def _named(columns: Sequence[str | None], cells: Sequence[str]) -> Mapping[str, str]:
    """Where two columns mean the same, the first that is filled counts."""
    named: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name is not None and (text := cell.strip()):
            named.setdefault(name, text)
    return named
