"""The syntax tree of a pipeline file: names, places and values, nothing resolved yet."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.graph import Options
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar
from callsheet.errors import FALLS, Kind
from callsheet.spec.types import Field

PATH: Final = re.compile(r"[a-z_][a-z0-9_.]*")


@dataclass(frozen=True, slots=True)
class ListValue:
    """A list with expressions in it."""

    span: Span
    items: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class MapValue:
    """A mapping with expressions in it, in the order of the file."""

    span: Span
    entries: tuple[tuple[YamlScalar, Value], ...]

    def get(self, key: str) -> Value | None:
        return next((v for k, v in self.entries if k.text == key), None)


@dataclass(frozen=True, slots=True)
class Unread:
    """A text whose expression could not be parsed. The error is reported already."""

    span: Span


Value = YamlScalar | Expression | ListValue | MapValue | Unread


@dataclass(frozen=True, slots=True)
class InputDecl:
    """An input. field: None when the type is inferred from the default. deprecated: what to use instead."""

    key: YamlScalar
    field: Field | None
    default: YamlNode | None
    description: str = ""
    deprecated: str = ""

    @property
    def name(self) -> str:
        return self.key.text


@dataclass(frozen=True, slots=True)
class AxisDecl:
    """most: how many elements a list of it has at most, a whole number from 1 on."""

    key: YamlScalar
    over: Value
    item_key: Expression | None
    most: YamlScalar | None = None

    @property
    def name(self) -> str:
        return self.key.text

    @property
    def list_name(self) -> str:
        """What it ranges over, where that is a name: `inputs.shots`; else ""."""
        text = self.over.span.text if isinstance(self.over, Expression) else ""
        return text if PATH.fullmatch(text) else ""


@dataclass(frozen=True, slots=True)
class AlternativeDecl:
    """One entry of `fallback`. on: the kinds of failure after which it is tried."""

    uses: YamlScalar
    params: MapValue | None
    on: tuple[Kind, ...] = FALLS


@dataclass(frozen=True, slots=True)
class OverrideDecl:
    """One entry of `override`: what the user of a recipe sets for a node inside.

    written: key → its value, for `takes`, `approve`, `retry` and `cache`, whose values are in `options`.
    """

    key: YamlScalar
    uses: YamlScalar | None
    params: MapValue | None
    options: Options
    written: Mapping[str, YamlNode]

    @property
    def path(self) -> tuple[str, ...]:
        """The nodes that it names: `sheet/picture` is `picture` in the recipe that `sheet` uses."""
        return tuple(self.key.text.split("/"))

    @property
    def place(self) -> Span:
        """Where to point when what it sets does not fit."""
        return self.key.span if self.uses is None else self.uses.span


@dataclass(frozen=True, slots=True)
class NodeDecl:
    """inherited: names of those parameters that an alternative takes over, if they fit. choice: the
    expression in `uses` that chooses a model for each instance. override: what is set for nodes inside of
    the recipe that it uses."""

    key: YamlScalar
    uses: YamlScalar
    params: MapValue | None
    each: tuple[YamlScalar, ...]
    when: YamlScalar | Expression | None
    needs: tuple[YamlScalar, ...]
    options: Options
    span: Span
    provider: YamlScalar | None = None
    fallback: tuple[AlternativeDecl, ...] = ()
    inherited: frozenset[str] = frozenset()
    choice: Expression | None = None
    override: tuple[OverrideDecl, ...] = ()

    @property
    def name(self) -> str:
        return self.key.text

    def expressions(self) -> Iterator[Expression]:
        """Every expression in its parameters, its `when` and its `uses`."""
        for value in (self.params, self.when, self.choice):
            yield from expressions_in(value)


@dataclass(frozen=True, slots=True)
class OutputDecl:
    """One of the outputs of a file."""

    key: YamlScalar
    value: Value

    @property
    def name(self) -> str:
        return self.key.text


@dataclass(frozen=True, slots=True)
class Head:
    """What a recipe says about itself. version: its own, "" for none. requires: the versions of callsheet
    that it works with, "" for any. examples: name → input → its value. open: the nodes that its users may
    override, by their paths; None for all."""

    version: str = ""
    requires: str = ""
    examples: Mapping[str, YamlMap] = field(default_factory=dict)
    open: tuple[YamlScalar, ...] | None = None

    def lets(self, path: str) -> bool:
        """Whether users may override the node at `path`. A node that uses a recipe stands for all inside."""
        return self.open is None or any(f"{path}/".startswith(f"{name.text}/") for name in self.open)


@dataclass(frozen=True, slots=True)
class Document:
    """A file. head: what it says about itself as a recipe. root: its YAML, which has what the declarations
    leave out. each: the axes that its outputs go over, of a pipeline that is made for each row of a table."""

    source: Source
    name: str
    description: str
    inputs: Mapping[str, InputDecl]
    axes: Mapping[str, AxisDecl]
    nodes: Mapping[str, NodeDecl]
    outputs: Mapping[str, OutputDecl]
    budget: float | None = None
    head: Head = field(default_factory=Head)
    root: YamlNode | None = None
    each: tuple[str, ...] = ()

    @property
    def axis_lists(self) -> dict[str, str]:
        """Every axis → its `list_name`."""
        return {name: axis.list_name for name, axis in self.axes.items()}


def expressions_in(value: Value | None) -> Iterator[Expression]:
    """Every expression inside a value."""
    match value:
        case Expression():
            yield value
        case ListValue():
            for item in value.items:
                yield from expressions_in(item)
        case MapValue():
            for _, item in value.entries:
                yield from expressions_in(item)
