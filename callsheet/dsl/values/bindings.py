"""Compiles written values: each is checked once, and the result makes one value per instance."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.context import Context, chains
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.expression.values import Absent
from callsheet.dsl.syntax.ast import ListValue, MapValue, Unread, Value
from callsheet.dsl.values.media_files import local_media
from callsheet.dsl.values.mismatch import mismatch
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.conform import fits, problems
from callsheet.spec.roles import RESERVED_VARIABLES, is_secret
from callsheet.spec.rules import recipes as recipe_rules
from callsheet.spec.rules import values as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import (
    JSON,
    STRING,
    Field,
    ListOf,
    Media,
    OneOf,
    Record,
    Type,
    bare,
    media_in,
    media_kinds,
)
from callsheet.spec.values import SecretName

Scope = dict[str, Any]
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]*\Z")


@dataclass(frozen=True, slots=True)
class Constant:
    """Makes the same value everywhere."""

    value: object

    def make(self, scope: Scope) -> object:
        return self.value


@dataclass(frozen=True, slots=True)
class Computed:
    """An expression.

    chains: the references to outputs inside it. written: texts in its value may come from a node, so they
    never name files.
    """

    expression: Expression
    field: Field
    chains: tuple[nodes.Expr, ...]
    written: bool = False

    def make(self, scope: Scope) -> object:
        return self.expression.evaluate(scope)


@dataclass(frozen=True, slots=True)
class Items:
    """Makes a list, without the elements that are absent."""

    makers: tuple[Maker, ...]

    def make(self, scope: Scope) -> object:
        return [v for m in self.makers if not isinstance(v := m.make(scope), Absent)]


@dataclass(frozen=True, slots=True)
class Fields:
    """Makes an object, without the fields that are absent."""

    makers: Mapping[str, Maker]

    def make(self, scope: Scope) -> object:
        return {n: v for n, m in self.makers.items() if not isinstance(v := m.make(scope), Absent)}


Maker = Constant | Computed | Items | Fields


def is_late(maker: Maker) -> bool:
    """Whether the value as a whole is known only during the run."""
    return isinstance(maker, Computed) and (bool(maker.chains) or maker.written)


def compile_value(
    value: Value,
    wanted: Field,
    context: Context,
    report: Report,
    origin: Origin | None = None,
    name: str = "",
) -> Maker:
    """Compiles a value for a place that takes `wanted`. What cannot fit is reported.

    origin: where the value is written; None for an expression, which names no files. name: of the parameter.
    """
    return _Compiler(context, report, origin or Origin(Path(), None)).value(value, wanted, name)


@dataclass(frozen=True, slots=True)
class _Compiler:
    """Turns the values of one declaration into makers."""

    context: Context
    report: Report
    origin: Origin

    def value(self, value: Value, wanted: Field, name: str = "") -> Maker:
        match value:
            case Expression():
                return self._dynamic(value, wanted)
            case YamlScalar():
                return Constant(self._constant(value, wanted))
            case ListValue():
                return self._items(value, wanted, name)
            case MapValue():
                return self._fields(value, wanted, name)
            case Unread():
                return Constant(None)

    def _dynamic(self, expression: Expression, wanted: Field) -> Maker:
        own = Report()
        given = infer(expression, self.context, own)
        found = tuple(chains(expression, self.context))
        written = self.context.written(expression)
        known = not found and not written
        if not own.failed and not fits(wanted.type, given, known):
            own.add(expression.span, _problem(expression, wanted.type, given, known))
        elif not own.failed and expression.native is not None:
            for part, problem in self._other_media(expression, expression.native, wanted.type, known):
                own.add(expression.part(part), problem)
        self.report.merge(own)
        return Computed(expression, wanted, found, written)

    def _other_media(
        self, expression: Expression, part: nodes.Expr, wanted: Type, known: bool
    ) -> Iterator[tuple[nodes.Expr, Problem]]:
        """The media of a wrong kind in lists and branches, whose type as a whole is not known."""
        match part:
            case nodes.List(items=parts):
                shape = _pick(wanted, ListOf)
                wanted = shape.item if isinstance(shape, ListOf) else JSON
            case nodes.Add(left=one, right=other) | nodes.CondExpr(expr1=one, expr2=nodes.Expr() as other):
                parts = [one, other]
            case nodes.Filter(name="default" | "d", node=nodes.Expr() as one, args=[other]):
                parts = [one, other]
            case _:
                return
        for inner in parts:
            given = infer(replace(expression, native=inner), self.context, Report())
            if any(media_in(given)) and not fits(wanted, given):
                yield inner, mismatch(wanted, given, known=True)
            elif isinstance(part, nodes.Add) and not known and not fits(wanted, given, known):
                yield inner, rules.text_beside_outputs(wanted)
            else:
                yield from self._other_media(expression, inner, wanted, known)

    def _constant(self, scalar: YamlScalar, wanted: Field) -> object:
        kinds = media_kinds(wanted.type)
        if kinds and isinstance(scalar.value, str):
            return local_media(scalar.text, kinds, self.origin, scalar.span, self.report)
        for problem in problems(wanted, scalar.value):
            self.report.add(scalar.span, problem)
        return scalar.value

    def _items(self, value: ListValue, wanted: Field, name: str) -> Maker:
        shape = _pick(wanted.type, ListOf)
        if shape is None:
            self.report.add(value.span, rules.list_not_taken(wanted.type))
            return Constant([])
        item = shape.item if isinstance(shape, ListOf) else JSON
        makers = tuple(self.value(v, Field(item), name) for v in value.items)
        for problem in problems(
            Field(JSON, min_items=wanted.min_items, max_items=wanted.max_items), [None] * len(makers)
        ):
            self.report.add(value.span, problem)
        return _folded(Items(makers))

    def _fields(self, value: MapValue, wanted: Field, parameter: str) -> Maker:
        if (secret := self._secret(value, wanted.type, parameter)) is not None:
            return Constant(secret)
        shape = _pick(wanted.type, Record)
        if shape is None:
            self.report.add(value.span, rules.mapping_not_taken(wanted.type))
            return Constant({})
        record = shape if isinstance(shape, Record) else Record(open=True)
        makers = {}
        for key, part in value.entries:
            if key.text not in record.fields and not record.open:
                self.report.add(key.span, rules.unknown_field(key.text, record.fields))
                continue
            makers[key.text] = self.value(part, record.fields.get(key.text, Field(JSON)), key.text)
        for name, f in record.fields.items():
            if f.required and value.get(name) is None:
                self.report.add(value.span, rules.missing_field(name, f.type))
        return _folded(Fields(makers))

    def _secret(self, value: MapValue, wanted: Type, parameter: str) -> SecretName | None:
        match value.entries:
            case [(YamlScalar(text="secret"), YamlScalar(text=name) as scalar)] if bare(wanted) == STRING:
                if self.origin.foreign:
                    self.report.add(scalar.span, recipe_rules.foreign_secret())
                elif not VARIABLE.match(name):
                    self.report.add(scalar.span, rules.not_a_variable())
                elif not is_secret(parameter):
                    self.report.add(value.span, rules.no_place_for_a_secret(parameter))
                elif name.startswith(RESERVED_VARIABLES):
                    self.report.add(scalar.span, rules.reserved_variable(name))
                return SecretName(name)
        return None


def _problem(expression: Expression, wanted: Type, given: Type, known: bool) -> Problem:
    match expression.native:
        case nodes.Getattr(attr="url") if isinstance(bare(wanted), Media) and given == STRING:
            return rules.url_not_a_medium(wanted)
    return mismatch(wanted, given, known)


def _folded(maker: Items | Fields) -> Maker:
    """A constant, when all parts are constants."""
    parts = maker.makers if isinstance(maker, Items) else tuple(maker.makers.values())
    return Constant(maker.make({})) if all(isinstance(m, Constant) for m in parts) else maker


def _pick(wanted: Type, shape: type[ListOf] | type[Record]) -> Type | None:
    """The part of `wanted` that is of this shape; json is of every shape."""
    wanted = bare(wanted)
    if isinstance(wanted, shape) or wanted == JSON:
        return wanted
    if isinstance(wanted, OneOf):
        return next((o for o in wanted.options if isinstance(o, shape) or o == JSON), None)
    return None
