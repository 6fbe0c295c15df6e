"""The type of an expression, and everything about it that is wrong before any value is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from jinja2 import nodes

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expression.allowlist import FUNCTIONS
from callsheet.dsl.expression.call_types import Calls
from callsheet.dsl.expression.context import AXIS_FACTS, FACTS_OF, MEDIA_FACTS, Context, HandleType, NodeType
from callsheet.dsl.expression.filter_types import PASTED, either, filter_type, of_value, plain
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.expression.values import MEDIA_TEXTS
from callsheet.spec.rules import expressions as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import (
    BOOLEAN,
    INTEGER,
    JSON,
    NUMBER,
    STRING,
    Field,
    ListOf,
    Maybe,
    Media,
    MediaKind,
    Record,
    Type,
)
from callsheet.spec.wording import a_type

SIGNS: Final[Mapping[type[nodes.Expr], str]] = {
    nodes.Sub: "-",
    nodes.Mul: "*",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Mod: "%",
}


def infer(expression: Expression, context: Context, report: Report) -> Type:
    """The expression's type; json where it cannot be known, or where something was reported."""
    return _Inference(expression, context, report).whole()


class _Inference:
    def __init__(self, expression: Expression, context: Context, report: Report) -> None:
        self.expression, self.context, self.report = expression, context, report
        self.passed_on = {id(part) for part in _passed_on(expression.native)}
        self.calls = Calls(context, self.type, self._error)

    def whole(self) -> Type:
        if self.expression.native is not None:
            found = self.type(self.expression.native)
            return self._not_a_node(self.expression.native, found)
        self._text(self.expression.ast.body)
        return STRING

    def _text(self, body: list[nodes.Node]) -> None:
        for node in body:
            match node:
                case nodes.Output(nodes=parts):
                    for part in parts:
                        self._pasted(part)
                case nodes.If(test=test, body=then, elif_=others, else_=otherwise):
                    self._boolean(test)  # type: ignore[arg-type]
                    self._text([*then, *others, *otherwise])

    def _pasted(self, part: nodes.Expr) -> None:
        """Check what becomes part of a text; of a choice, each branch."""
        match part:
            case nodes.TemplateData():
                return
            case nodes.CondExpr(test=test, expr1=one, expr2=nodes.Expr() as other):
                self._boolean(test)
                self._pasted(one)
                self._pasted(other)
            case nodes.Filter(name="default" | "d", node=nodes.Expr() as one, args=[other]):
                self._pasted(one)
                self._pasted(other)
            case _:
                found = plain(self.type(part))
                if found not in PASTED:
                    self._error(part, _not_pasted(found))

    def _error(self, node: nodes.Node, problem: Problem) -> Type:
        self.report.add(self.expression.mark(node), problem)
        return JSON

    def _not_a_node(self, node: nodes.Expr, found: Type) -> Type:
        if not isinstance(found, HandleType):
            return found
        return self._error(node, rules.node_as_value(found.node.name, found.node.outputs))

    def _boolean(self, node: nodes.Expr) -> None:
        found = plain(self.type(node))
        if found not in (BOOLEAN, JSON) or is_null(node):
            self._error(node, rules.not_a_condition(found))

    def type(self, node: nodes.Expr) -> Type:
        match node:
            case nodes.Const(value=value):
                return of_value(value)
            case nodes.TemplateData():
                return STRING
            case nodes.Name():
                return self._name(node)
            case nodes.Getattr(node=inner, attr=attr):
                return self._key(node, self.type(inner), attr)
            case nodes.Getitem(node=nodes.Name(name=name)) if name in self._elsewhere():
                return self._error(node, rules.look_up_in_axis(name, self.context.every_axis[name]))
            case nodes.Getitem(node=inner, arg=arg):
                return self._item(node, self.type(inner), arg)
            case nodes.Call(args=[key, *_]) if _is_look_up(node):
                return self.type(key)
            case nodes.Call():
                return self.calls.infer(node)
            case nodes.Filter():
                return self._filter(node)
            case nodes.Test():
                self.type(node.node)
                return BOOLEAN
            case nodes.List(items=items):
                return self._list(items)
            case nodes.Concat(nodes=parts):
                for part in parts:
                    self._pasted(part)
                return STRING
        return self._operator(node)

    def _operator(self, node: nodes.Expr) -> Type:
        match node:
            case nodes.And(left=left, right=right) | nodes.Or(left=left, right=right):
                self._boolean(left)
                self._boolean(right)
                return BOOLEAN
            case nodes.Not(node=inner):
                self._boolean(inner)
                return BOOLEAN
            case nodes.Add():
                return self._sum(node)
            case nodes.Sub() | nodes.Mul() | nodes.Div() | nodes.FloorDiv() | nodes.Mod():
                sign = SIGNS[type(node)]
                found = [self._number(part, self.type(part), sign) for part in _sides(node)]
                return NUMBER if isinstance(node, nodes.Div) else either(*found)
            case nodes.Neg(node=inner) | nodes.Pos(node=inner):
                return self._number(inner, self.type(inner), "-" if isinstance(node, nodes.Neg) else "+")
            case nodes.CondExpr():
                return self._conditional(node)
            case nodes.Compare():
                self._compare(node)
                return BOOLEAN
        return JSON

    def _sum(self, node: nodes.Add) -> Type:
        """The type of `left + right`: of two numbers, or of two lists."""
        left, right = (plain(self.type(part)) for part in _sides(node))
        match left, right:
            case ListOf(one), ListOf(other):
                return ListOf(either(one, other))
            case (ListOf(), _) | (_, ListOf()) if JSON in (left, right):
                return ListOf(JSON)
            case (ListOf(), _) | (_, ListOf()):
                alone = node.right if isinstance(left, ListOf) else node.left
                return self._error(alone, rules.not_a_list(right if isinstance(left, ListOf) else left))
            case _ if left == right == JSON:
                return JSON
        return either(self._number(node.left, left, "+"), self._number(node.right, right, "+"))

    def _number(self, node: nodes.Expr, found: Type, sign: str) -> Type:
        """The type of an operand, which has to be a number."""
        found = plain(found)
        if found in (INTEGER, NUMBER, JSON):
            return NUMBER if found == JSON else found
        self._error(node, rules.not_a_number(sign, a_type(found), found == STRING))
        return NUMBER

    def _conditional(self, node: nodes.CondExpr) -> Type:
        self._boolean(node.test)
        if node.expr2 is None:
            return self._error(node, rules.if_without_else())
        return either(self.type(node.expr1), self.type(node.expr2))

    def _compare(self, node: nodes.Compare) -> None:
        left = plain(self.type(node.expr))
        for operand in node.ops:
            right = plain(self.type(operand.expr))
            if (
                operand.op in ("lt", "lteq", "gt", "gteq")
                and either(left, right) not in (STRING, INTEGER, NUMBER)
                and JSON not in (left, right)
            ):
                self._error(operand.expr, rules.no_order(left, right))
            left = right

    def _list(self, items: list[nodes.Expr]) -> Type:
        found = [self._not_a_node(item, self.type(item)) for item in items]
        item = found[0] if found else JSON
        for other in found[1:]:
            item = either(item, other)
        return ListOf(item)

    def _name(self, node: nodes.Name) -> Type:
        name, context = node.name, self.context
        if name == "inputs":
            return context.inputs
        if name == "axis":
            return Record({axis: Field(AXIS_FACTS) for axis in context.named})
        if name in context.axes:
            return context.axes[name]
        if name in context.nodes:
            if name == context.node:
                return self._error(node, rules.refers_to_itself(name))
            return context.handle(context.nodes[name])
        return self._undefined(node)

    def _elsewhere(self) -> set[str]:
        """The axes that are not in scope here."""
        return set(self.context.every_axis) - set(self.context.axes) - set(self.context.nodes)

    def _undefined(self, node: nodes.Name) -> Type:
        name, context = node.name, self.context
        if name in context.every_axis:
            return self._error(node, rules.axis_not_here(name, context.node, context.every_axis[name]))
        if name in context.inputs.fields:
            return self._error(node, rules.bare_input(name))
        if name in FUNCTIONS:
            return self._error(node, rules.bare_function(name))
        known = ["inputs", "axis", *context.named, *context.nodes, *FUNCTIONS]
        return self._error(node, rules.undefined_name(name, known))

    def _item(self, node: nodes.Getitem, inner: Type, arg: nodes.Expr) -> Type:
        inner, key = plain(inner), plain(self.type(arg))
        if isinstance(inner, HandleType) and inner.free and key in (STRING, INTEGER, JSON):
            return HandleType(inner.node, inner.free[1:])
        if isinstance(arg, nodes.Const) and isinstance(arg.value, str) and not _is_key_of(inner, arg.value):
            return self._key(node, inner, arg.value)
        if isinstance(inner, ListOf) and isinstance(inner.item, Record) and key in (STRING, JSON):
            name = key_field(inner.item)
            if name is not None or key == STRING:
                return self._element(node, inner.item, name)
        if isinstance(inner, ListOf) and key in (INTEGER, JSON):
            return inner.item
        if isinstance(inner, Record) and key in (STRING, JSON):
            return _any_field(inner)
        if inner == JSON:
            return JSON
        if isinstance(inner, HandleType) and inner.node.axes:
            return self._error(node, rules.instance_here(inner.node.name, inner.node.axes[-1]))
        return self._error(node, rules.no_elements(inner, key))

    def _element(self, node: nodes.Getitem, item: Record, name: str | None) -> Type:
        """The type of `people["mara"]`. The look-up by key is written into the tree. name: of its field."""
        if name is None:
            return self._error(node, rules.no_key_field(item))
        if not _is_look_up(node.arg):
            place = node.arg.lineno
            arguments: list[nodes.Expr] = [node.arg, nodes.Const(name, lineno=place)]
            node.arg = nodes.Call(
                nodes.Name("_key", "load", lineno=place), arguments, [], None, None, lineno=place
            )
        return item

    def _key(self, node: nodes.Expr, inner: Type, key: str) -> Type:
        match inner:
            case Maybe(wrapped):
                return self._key(node, wrapped, key)
            case HandleType():
                return self._output(node, inner, key)
            case ListOf(item):
                return ListOf(self._key(node, item, key))
            case Record(fields) if key in fields:
                return fields[key].type
            case Record(open=True):
                return JSON
            case Record(fields):
                return self._error(node, rules.unknown_field(key, fields))
            case Media(kind):
                return self._media_key(node, kind, key)
        if inner == JSON:
            return JSON
        return self._error(node, rules.no_fields(inner, key))

    def _media_key(self, node: nodes.Expr, kind: MediaKind, key: str) -> Type:
        known = FACTS_OF.get(kind, tuple(MEDIA_FACTS))
        if key in known:
            return MEDIA_FACTS[key]
        if key in MEDIA_TEXTS:
            return self._url(node) if key == "url" else INTEGER if key == "file_size" else STRING
        return self._error(node, rules.unknown_fact(kind, key, (*known, *MEDIA_TEXTS)))

    def _url(self, node: nodes.Expr) -> Type:
        if not self.context.sends:
            return self._error(node, rules.url_not_sent())
        return STRING if id(node) in self.passed_on else self._error(node, rules.url_in_text())

    def _output(self, node: nodes.Expr, handle: HandleType, key: str) -> Type:
        outputs = handle.node.outputs
        if outputs is None:
            return JSON
        if key not in outputs:
            return self._error(node, rules.unknown_output(handle.node.name, key, outputs))
        found = outputs[key]
        for _ in handle.free:
            found = ListOf(found)
        return found

    def _filter(self, node: nodes.Filter) -> Type:
        assert node.node is not None
        given = self.type(node.node)
        arguments = [self.type(arg) for arg in (*node.args, *(k.value for k in node.kwargs))]
        if node.name in ("default", "d"):
            return either(given, arguments[0] if arguments else STRING)
        if isinstance(given, HandleType) and node.name == "tojson":
            return self._not_a_node(node.node, given)
        if isinstance(given, HandleType) and given.free:
            given = ListOf(JSON)
        if node.name == "map":
            return self._map(node, plain(given))
        found = filter_type(node.name, given)
        if isinstance(found, str):
            return self._error(node, rules.filter_takes(node.name, found, given))
        return found

    def _map(self, node: nodes.Filter, given: Type) -> Type:
        if not isinstance(given, ListOf):
            return JSON if given == JSON else self._error(node, rules.map_takes_a_list(a_type(given)))
        named = {str(k.key): k.value for k in node.kwargs}
        attribute = named.get("attribute")
        if isinstance(attribute, nodes.Const) and isinstance(attribute.value, str) and not node.args:
            return ListOf(self._key(node, given.item, attribute.value))
        name = node.args[0].value if node.args and isinstance(node.args[0], nodes.Const) else None
        if name in FILTERS and not named:
            found = JSON if name in ("default", "d", "map") else filter_type(name, given.item)
            if not isinstance(found, str):
                return ListOf(found)
        return self._error(node, rules.map_arguments())


def is_null(node: nodes.Expr | None) -> bool:
    """Whether it is `none`, whose type is the only one of json that is known."""
    return isinstance(node, nodes.Const) and node.value is None


def _passed_on(whole: nodes.Expr | None) -> Iterator[nodes.Expr]:
    """The parts whose value is passed on as it is, alone or in a list, and never computed with."""
    stack = [] if whole is None else [whole]
    while stack:
        part = stack.pop()
        yield part
        match part:
            case nodes.List(items=items):
                stack += items
            case nodes.Add(left=one, right=other) | nodes.CondExpr(expr1=one, expr2=nodes.Expr() as other):
                stack += [one, other]
            case nodes.Filter(name="default" | "d", node=nodes.Expr() as one, args=[other]):
                stack += [one, other]
            case nodes.Filter(name="first" | "last", node=nodes.Expr() as one) | nodes.Getitem(node=one):
                stack.append(one)


def key_field(item: Record) -> str | None:
    """The field by which a list of objects is looked up: `id`, else the first that is text."""
    if "id" in item.fields:
        return "id"
    return next((name for name, field in item.fields.items() if plain(field.type) == STRING), None)


def _is_key_of(inner: Type, text: str) -> bool:
    """Whether a constant text is the key of an element, and not the name of a field of all."""
    return isinstance(inner, ListOf) and isinstance(inner.item, Record) and text not in inner.item.fields


def _is_look_up(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Call) and isinstance(node.node, nodes.Name) and node.node.name == "_key"


def _sides(node: nodes.BinExpr) -> tuple[nodes.Expr, nodes.Expr]:
    return node.left, node.right


def _not_pasted(found: Type) -> Problem:
    match found:
        case HandleType(node=NodeType(outputs=outputs), free=()) if outputs:
            return rules.pasted_node(found, outputs)
        case Record(fields) if fields:
            return rules.pasted_object(found, fields)
        case ListOf() | HandleType():
            return rules.pasted_list(found)
        case Media():
            return rules.pasted_medium(found)
    return rules.pasted_type(found)


def _any_field(record: Record) -> Type:
    types = [f.type for f in record.fields.values()]
    if record.open or not types:
        return JSON
    found = types[0]
    for other in types[1:]:
        found = either(found, other)
    return found
