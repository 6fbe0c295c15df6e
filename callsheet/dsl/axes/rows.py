"""A pipeline that is made once for each row of a table: its inputs are columns, and each row is a film.

Every node gets the axis `row` around its own axes, and what an expression reads of a column is the value of
its row. So the stages after this one need to know nothing of tables.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from callsheet.dsl.axes.elements import LONGEST_KEY, is_key
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.template import Expression, keys_read, names_in, parse_expression
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.expression.values import Absent
from callsheet.dsl.syntax.ast import AxisDecl, Document, InputDecl, Value, expressions_in
from callsheet.dsl.values.inputs import Given, Inputs, declared, default_of, resolve_inputs
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.values.tables import columns_of, read_list
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, YamlScalar
from callsheet.spec.batch import ID, ROW
from callsheet.spec.rules import batches as rules
from callsheet.spec.types import STRING, Field, ListOf, Record

ROWS: Final = "--each"
"""The input that holds the rows; no pipeline can declare one of this name."""
OVER: Final = '${{ inputs["--each"] }}'
KEY: Final = "${{ row.id }}"


def resolve_batch(
    document: Document, given: Given, origin: Origin, report: Report
) -> tuple[Document, Inputs]:
    """The document and its inputs: with a table of rows, those of a document that is made for each row.

    A value that is given elsewhere, such as a default, fills the empty cells of its column.
    """
    if given.each is None:
        return document, resolve_inputs(document, given, origin, report)
    columns = _columns(given.each, document, report)
    if columns is None:  # what the inputs lack may be what the table would give
        return document, resolve_inputs(document, given, origin, Report())
    optional = {name: _optional(document.inputs[name]) for name in columns}
    inputs = resolve_inputs(replace(document, inputs={**document.inputs, **optional}), given, origin, report)
    reader = _Reader(document, columns, inputs, replace(origin, base=given.each.parent, root=None), report)
    rows = reader.rows(given.each)
    batch = _over_rows(document, columns, report)
    row = Record({ID: Field(STRING), **{name: inputs.types.fields[name] for name in columns}})
    return batch, Inputs(
        {**{name: inputs.values[name] for name in batch.inputs}, ROWS: rows},
        Record({**{name: inputs.types.fields[name] for name in batch.inputs}, ROWS: Field(ListOf(row))}),
        inputs.broken & batch.inputs.keys(),
    )


def _columns(path: Path, document: Document, report: Report) -> tuple[str, ...] | None:
    """The inputs that are columns of the table; None when it cannot be used, which is reported."""
    found, own = columns_of(path, report), Report()
    if found is None:
        return None
    place, names = found
    taken = {**{name: decl.key for name, decl in document.nodes.items()}}
    taken |= {name: decl.key for name, decl in document.axes.items()}
    if ROW in taken:
        own.add(taken[ROW].span, rules.row_is_taken())
    if ID not in names:
        own.add(place, rules.no_ids(names))
    columns = tuple(name for name in names if name != ID or ID in document.inputs)
    for name in columns:
        if name not in document.inputs:
            own.add(place, rules.column_of_no_input(name, document.inputs))
    report.merge(own)
    return None if own.failed else columns


def _refuse_rows(document: Document, report: Report) -> None:
    """Report where the pipeline names the axis over the rows: no expression leaves its row."""
    for node in document.nodes.values():
        for axis in node.each:
            if axis.text == ROW:
                report.add(axis.span, rules.row_is_named())
    for expression in _expressions(document):
        for name in names_in(expression):
            if name.name == ROW:
                report.add(expression.part(name), rules.row_is_named())


def _without_row(each: tuple[YamlScalar, ...]) -> tuple[YamlScalar, ...]:
    return tuple(axis for axis in each if axis.text != ROW)


def _optional(decl: InputDecl) -> InputDecl:
    return replace(decl, field=replace(declared(decl), required=False))


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads the rows of a table. columns: the inputs that it gives. inputs: what is given elsewhere."""

    document: Document
    columns: tuple[str, ...]
    inputs: Inputs
    origin: Origin
    report: Report

    def rows(self, path: Path) -> list[dict[str, object]]:
        """The values of each row by column. What is wrong with one is reported."""
        fields = {name: Field(f.type, required=False) for name, f in self._fields()}
        content = read_list(path, ListOf(Record({ID: Field(STRING, required=False), **fields})), self.report)
        if not isinstance(content, YamlList):
            return []
        if not content.items:
            self.report.add(content.span, rules.no_rows())
        found: dict[str, dict[str, object]] = {}
        for line in content.items:
            name = self._id(line)
            if name is None or not isinstance(line, YamlMap):
                continue
            if name.text in found:
                self.report.add(name.span, rules.id_twice(name.text))
            found[name.text] = {
                ID: name.text,
                **{column: self._cell(column, line) for column in self.columns},
            }
        return list(found.values())

    def _fields(self) -> Iterator[tuple[str, Field]]:
        return ((name, declared(self.document.inputs[name])) for name in self.columns)

    def _id(self, line: YamlNode) -> YamlScalar | None:
        if not isinstance(line, YamlMap):
            self.report.add(line.span, rules.row_is_no_object())
            return None
        name = line.get(ID)
        if not isinstance(name, YamlScalar) or not name.text.strip() or name.value is None:
            self.report.add(line.span, rules.row_without_id())
            return None
        if not is_key(name.text):
            self.report.add(name.span, rules.unusable_id(LONGEST_KEY))
            return None
        return name

    def _cell(self, column: str, line: YamlMap) -> object:
        """The value of a column in a row: what `--inputs` would make of it."""
        decl, cell = self.document.inputs[column], line.get(column)
        if cell is not None and not (isinstance(cell, YamlScalar) and cell.value is None):
            one = replace(decl, field=declared(decl), default=cell)
            return default_of(one, self.origin, self.report)
        elsewhere = self.inputs.values[column]
        if isinstance(elsewhere, Absent) and declared(decl).required:
            self.report.add(line.span, rules.cell_without_value(column))
        return elsewhere


def _over_rows(document: Document, columns: tuple[str, ...], report: Report) -> Document:
    """The document with the axis `row` around every node and output."""
    _refuse_rows(document, report)
    for expression in _expressions(document):
        _read_row(expression, frozenset(columns), report)
    over, key = _own_expression(OVER, report), _own_expression(KEY, report)
    row = AxisDecl(YamlScalar(over.scalar.span, ROW, ROW), over, key)
    return replace(
        document,
        inputs={name: decl for name, decl in document.inputs.items() if name not in columns},
        axes={ROW: row, **document.axes},
        nodes={
            name: replace(decl, each=(YamlScalar(decl.key.span, ROW, ROW), *_without_row(decl.each)))
            for name, decl in document.nodes.items()
        },
        each=(ROW,),
    )


def _own_expression(text: str, report: Report) -> Expression:
    span = Span(Source(Path(ROWS), text), 0, len(text))
    expression = parse_expression(YamlScalar(span, text, text), report)
    assert expression is not None
    return expression


def _expressions(document: Document) -> Iterator[Expression]:
    values: list[Value | None] = [output.value for output in document.outputs.values()]
    for axis in document.axes.values():
        values += (axis.over, axis.item_key)
    for node in document.nodes.values():
        values += (node.params, node.when, node.choice)
        values += (other.params for other in node.fallback)
        values += (other.params for other in node.override)
    for value in values:
        yield from expressions_in(value)


def _read_row(expression: Expression, columns: frozenset[str], report: Report) -> None:
    """Let `inputs.title` read the row, where `title` is a column."""
    if keys_read(expression, "inputs") is None:
        report.add(expression.span, rules.inputs_as_a_whole())
        return
    for node in expression.ast.find_all((nodes.Getattr, nodes.Getitem)):
        match node:
            case nodes.Getattr(node=nodes.Name(name="inputs") as read, attr=column):
                pass
            case nodes.Getitem(node=nodes.Name(name="inputs") as read, arg=nodes.Const(value=column)):
                pass
            case _:
                continue
        if column in columns:
            read.name = ROW
