"""Named dimensions: the list each ranges over, and the keys that name its points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callsheet.dsl.build import Constant, Maker, compile_value
from callsheet.dsl.diagnostic import Report
from callsheet.dsl.document import AxisDecl, Document, expressions_in
from callsheet.dsl.expression.context import Context, NodeType, chains
from callsheet.dsl.expression.infer import infer
from callsheet.dsl.expression.values import Absent, EvaluationError
from callsheet.dsl.inputs import Inputs, infer_type
from callsheet.dsl.scope import Axis, functions
from callsheet.dsl.source import Span
from callsheet.dsl.types import JSON, Field, ListOf, Type


@dataclass(frozen=True, slots=True)
class ResolvedAxis:
    axis: Axis
    item: Type


def resolve_axes(
    document: Document, inputs: Inputs, nodes: Mapping[str, NodeType], report: Report
) -> dict[str, ResolvedAxis]:
    """The axes that could be resolved; the others are reported."""
    found = {}
    for name, decl in document.axes.items():
        own = Report()
        axis = _Resolver(document, inputs, nodes, decl, own, report.failed).resolve()
        if axis is not None and not own.failed:
            found[name] = axis
        report.merge(own)
    return found


class _Resolver:
    def __init__(
        self,
        document: Document,
        inputs: Inputs,
        nodes: Mapping[str, NodeType],
        decl: AxisDecl,
        report: Report,
        told: bool,
    ) -> None:
        """told: something wrong with the inputs was reported already."""
        self.inputs, self.decl, self.report, self.told = inputs, decl, report, told
        self.context = Context(inputs.types, {}, nodes, tuple(document.axes))
        self.scope = {"inputs": inputs.values, "axis": {}, **functions(())}

    @property
    def place(self) -> Span:
        """Where the list is written."""
        return self.decl.over.span

    def resolve(self) -> ResolvedAxis | None:
        item = self._item_type()
        if item is None:
            return None
        items = self._items()
        if items is None:
            return None
        if item == JSON:
            item = infer_type(items).item if items else JSON  # type: ignore[attr-defined]
        keys = self._keys(items, item)
        return ResolvedAxis(Axis(self.decl.name, items, keys), item) if keys is not None else None

    def _item_type(self) -> Type | None:
        for expression in expressions_in(self.decl.over):
            if any(True for _ in chains(expression, self.context)):
                self.report.error(
                    "not-supported",
                    expression.span,
                    "an axis over a node's output is not in this version yet",
                    "range over an input",
                )
                return None
            found = infer(expression, self.context, self.report)
            if expression is self.decl.over:
                if not isinstance(found, ListOf) and found != JSON:
                    self.report.error(
                        "axis-list",
                        expression.span,
                        f"the axis `{self.decl.name}` needs a list; this is {found}",
                    )
                    return None
                return found.item if isinstance(found, ListOf) else JSON
        return JSON

    def _items(self) -> list[object] | None:
        maker: Maker = compile_value(self.decl.over, Field(JSON), self.context, self.report)
        if self.report.failed:
            return None
        try:
            items = maker.value if isinstance(maker, Constant) else maker.make(self.scope)
        except EvaluationError as error:
            self.report.error(error.code, self.place, error.message, error.help)
            return None
        if isinstance(items, list):
            return items
        if isinstance(items, Absent) and self.told:
            return None
        self.report.error(
            "axis-list",
            self.place,
            f"the axis `{self.decl.name}` needs a list",
            "name an input of type list, or write `[…]`",
        )
        return None

    def _keys(self, items: list[object], item: Type) -> tuple[str, ...] | None:
        expression = self.decl.item_key
        if expression is None:
            return tuple(str(i) for i in range(len(items)))
        name = self.decl.name
        context = Context(self.inputs.types, {name: item}, self.context.nodes, self.context.every_axis)
        own = Report()
        infer(expression, context, own)
        if any(True for _ in chains(expression, context)):
            own.error("late-value", expression.span, "a key is known before the run; an output is not")
        self.report.merge(own)
        if own.failed:
            return None
        keys: dict[str, int] = {}
        for i, value in enumerate(items):
            facts = {
                "index": i,
                "key": "",
                "first": i == 0,
                "last": i == len(items) - 1,
                "length": len(items),
            }
            try:
                key = expression.evaluate({**self.scope, name: value, "axis": {name: facts}})
            except EvaluationError as error:
                self.report.error(
                    error.code, expression.span, f"for element {i + 1}: {error.message}", error.help
                )
                return None
            if not self._add_key(keys, key, i):
                return None
        return tuple(keys)

    def _add_key(self, keys: dict[str, int], key: object, i: int) -> bool:
        assert self.decl.item_key is not None
        place, name = self.decl.item_key.span, self.decl.name
        text = str(key) if isinstance(key, str | int) and not isinstance(key, bool) else ""
        if not text.strip() or len(text) > 200 or any(ord(c) < 32 for c in text):
            self.report.error(
                "axis-key",
                place,
                f"element {i + 1} of `{name}` has no usable key",
                "a key is a short text or a whole number",
            )
            return False
        if text in keys:
            self.report.error(
                "axis-key",
                place,
                f'elements {keys[text] + 1} and {i + 1} of `{name}` have the same key "{text}"',
                "make the keys distinct",
            )
            return False
        keys[text] = i
        return True
