"""List files: CSV, TSV, JSON, YAML and Storyboarder as the value of an input."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.values.storyboards import ENDING, boards, is_storyboard
from callsheet.dsl.yaml.nodes import Plain, YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.dsl.yaml.reader import plain_value, read_source, read_yaml
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.rules import inputs as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.separator import declared
from callsheet.spec.types import Choice, ListOf, Maybe, Record, Scalar, Type

TABLES: Final = (".csv", ".tsv")
SUFFIXES: Final = (*TABLES, ".json", ".yaml", ".yml", ENDING)
JSON: Final = (".json", ENDING)
DECIMAL_COMMA: Final = re.compile(r"[+-]?[0-9]+,[0-9]+")
MAX_BYTES: Final = 64 * 1024 * 1024
COMMA: Final = "a comma stands before the end of a list or object"


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a table. `number` is its line in the file."""

    number: int
    cells: tuple[str, ...]


def is_table(path: Path) -> bool:
    """Whether the file is a table with a header line."""
    return path.suffix.lower() in TABLES


def is_list_file(text: str) -> bool:
    return "\n" not in text and Path(text).suffix.lower() in SUFFIXES


def read_list(path: Path, wanted: Type, report: Report) -> YamlNode | None:
    """The file's content as YAML nodes with places in it, or None with diagnostics."""
    source = read_source(path, report, MAX_BYTES)
    if source is None:
        return None
    if is_table(path):
        return _table(source, wanted, report)
    if path.suffix.lower() in JSON and not _is_json(source, report):
        return None
    found = read_yaml(source, report)
    return boards(path, found, wanted, report) if found and is_storyboard(path) else found


def columns_of(path: Path, report: Report) -> tuple[Span, tuple[str, ...]] | None:
    """The columns of a file of objects, and where they are written: those of the header of a table, or the
    names in the first object of a list. None with diagnostics."""
    source = read_source(path, report, MAX_BYTES)
    if source is None:
        return None
    if is_table(path):
        return _header(source, report)
    if path.suffix.lower() in JSON and not _is_json(source, report):
        return None
    match read_yaml(source, report):
        case YamlList(items=[YamlMap() as first, *_]):
            return first.span, tuple(name for name, _, _ in first)
        case None:
            return None
        case other:
            report.add(other.span, rules.no_list_of_objects())
            return None


def _header(source: Source, report: Report) -> tuple[Span, tuple[str, ...]] | None:
    try:
        header = next(_rows(source), None)
    except csv.Error as error:
        report.add(Span(source, 0, 1), rules.not_a_table(error))
        return None
    if header is None:
        report.add(Span(source, 0, 0), rules.empty_table())
        return None
    return _line_span(source, header.number), tuple(name.strip() for name in header.cells)


def _is_json(source: Source, report: Report) -> bool:
    """JSON is read as YAML for its places, but must be JSON."""
    try:
        json.loads(source.text)
    except json.JSONDecodeError as error:
        at, words = _what_is_wrong(error)
        report.add(Span(source, at, at + 1), rules.not_json(words))
        return False
    except (ValueError, RecursionError) as error:
        report.add(Span(source, 0, 1), rules.not_json(error))
        return False
    return True


def _what_is_wrong(error: json.JSONDecodeError) -> tuple[int, str]:
    """Place and words of a mistake. Pythons before 3.13 point behind a comma too many; this never does."""
    before = error.doc[: error.pos].rstrip()
    if before.endswith(",") and error.doc[error.pos : error.pos + 1] in ("]", "}"):
        return len(before) - 1, COMMA
    if error.msg.startswith("Illegal trailing comma"):
        return error.pos, COMMA
    return error.pos, error.msg


def _table(source: Source, wanted: Type, report: Report) -> YamlNode | None:
    try:
        rows = list(_rows(source))
    except csv.Error as error:
        report.add(Span(source, 0, 1), rules.not_a_table(error))
        return None
    if not rows:
        report.add(Span(source, 0, 0), rules.empty_table())
        return None
    header, body = rows[0], rows[1:]
    most = PERMISSIONS.get().max_instances
    if len(body) > most:
        report.add(_line_span(source, body[most].number), rules.long_table(len(body), most))
        return None
    names = tuple(name.strip() for name in header.cells)
    item = wanted.item if isinstance(wanted, ListOf) else wanted
    if not _columns_fit(source, names, item, report, header.number):
        return None
    for column in range(len(names)):
        _refuse_empty_cells(source, column, body, item, names, report)
    if windows := next((row for row in body if any("\r\n" in cell for cell in row.cells)), None):
        report.add(_line_span(source, windows.number), rules.windows_lines_in_cell())
    decimal = "," if _separator(source) == ";" else "."
    everything = Span(source, 0, len(source.text))
    return YamlList(everything, tuple(_item(source, names, row, item, report, decimal) for row in body))


def _rows(source: Source) -> Iterator[Row]:
    """The table's lines that are not empty."""
    _, skipped = declared(source.text)
    reader = csv.reader(StringIO(source.text[skipped:]), delimiter=_separator(source), strict=True)
    before = 1 if skipped else 0
    number = before + 1
    for cells in reader:
        if any(cell.strip() for cell in cells):
            yield Row(number, tuple(cells))
        number = before + reader.line_num + 1


def _separator(source: Source) -> str:
    """What stands between the cells: what the table names itself, else what its header has."""
    separator, skipped = declared(source.text)
    if separator or source.path.suffix.lower() == ".tsv":
        return separator or "\t"
    first = source.text[skipped:].split("\n", 1)[0]
    return ";" if first.count(";") > first.count(",") else ","


def _columns_fit(source: Source, names: tuple[str, ...], item: Type, report: Report, line: int) -> bool:
    header = _line_span(source, line)
    twice = next((n for i, n in enumerate(names) if n in names[:i]), None)
    if twice is not None:
        report.add(header, rules.column_twice(twice))
    missing = (
        [n for n, f in item.fields.items() if f.required and n not in names]
        if isinstance(item, Record)
        else []
    )
    for name in missing:
        report.add(header, rules.missing_column(name, names))
    return twice is None and not missing


def _refuse_empty_cells(
    source: Source, column: int, body: Sequence[Row], item: Type, names: Sequence[str], report: Report
) -> None:
    """Report a column that may not be empty, at its first empty cell."""
    name = names[column]
    field = item.fields.get(name) if isinstance(item, Record) else None
    if field is None or not field.required:
        return
    empty = [row for row in body if len(row.cells) <= column or not row.cells[column].strip()]
    if empty:
        line = _line_span(source, empty[0].number)
        report.add(line, rules.empty_cell(name, field.type, len(empty) - 1))


def _item(
    source: Source, names: tuple[str, ...], row: Row, item: Type, report: Report, decimal: str
) -> YamlNode:
    line = _line_span(source, row.number)
    if len(row.cells) > len(names):
        report.add(line, rules.long_row(len(row.cells), len(names)))
    fields = item.fields if isinstance(item, Record) else None
    entries = []
    for name, cell in zip(names, row.cells, strict=False):
        field = fields.get(name) if fields is not None else None
        if (fields is not None and field is None) or (not cell.strip() and field is not None):
            continue
        span = _cell_span(line, cell)
        value, problem = (cell, None) if field is None else _typed(cell, field.type, decimal)
        if problem is not None:
            report.add(span, problem)
        entries.append(
            (YamlScalar(line, name, name), YamlScalar(span, cell, value, "" if value is not cell else '"'))
        )
    return YamlMap(line, tuple(entries))


def _typed(cell: str, wanted: Type, decimal: str) -> tuple[Plain, Problem | None]:
    """A cell is text; where the column holds numbers or booleans it is read as one. Also what is wrong with
    a number. decimal: the sign between a whole number and its fraction."""
    match wanted:
        case Maybe(inner):
            return _typed(cell, inner, decimal)
        case Scalar("number") if decimal == "," and DECIMAL_COMMA.fullmatch(cell.strip()):
            return plain_value(cell.strip().replace(",", "."))
        case Scalar("string") | Choice(values=(str(), *_)):
            return cell, None
        case Scalar("json" | "integer" | "number" | "boolean") | Choice():
            return plain_value(cell.strip())
    return cell, None


def _line_span(source: Source, number: int) -> Span:
    start = source.starts[number - 1]
    return Span(source, start, start + len(source.line(number)))


def _cell_span(line: Span, cell: str) -> Span:
    at = line.text.find(cell) if cell else -1
    return Span(line.source, line.start + at, line.start + at + len(cell)) if at >= 0 else line
