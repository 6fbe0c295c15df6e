"""The type of an expression, and everything about it that is wrong before any value is known."""

from __future__ import annotations

from jinja2 import nodes

from callsheet.dsl.diagnostics.diagnostic import Report
from callsheet.dsl.expression.allowlist import FUNCTIONS
from callsheet.dsl.expression.context import AXIS_FACTS, FACTS_OF, MEDIA_FACTS, Context, HandleType, NodeType
from callsheet.dsl.expression.filter_types import PASTED, either, filter_type, of_value, plain
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.expression.functions import Calls
from callsheet.dsl.expression.template import Expression
from callsheet.spec.conform import a_type
from callsheet.spec.suggest import suggest
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


def infer(expression: Expression, context: Context, report: Report) -> Type:
    """The expression's type; json where it cannot be known, or where something was reported."""
    return _Inference(expression, context, report).whole()


class _Inference:
    def __init__(self, expression: Expression, context: Context, report: Report) -> None:
        self.expression, self.context, self.report = expression, context, report
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
        if isinstance(part, nodes.TemplateData):
            return
        found = plain(self.type(part))
        if found not in PASTED:
            self._error(
                "text-value", part, f"{a_type(found)} cannot be pasted into text", self._how_to_paste(found)
            )

    def _how_to_paste(self, found: Type) -> str:
        match found:
            case HandleType(node=NodeType(outputs=outputs), free=()) if outputs:
                return f"pick an output: {', '.join(outputs)}"
            case Record(fields) if fields:
                return f"pick a field: {', '.join(fields)}"
            case ListOf() | HandleType():
                return 'pick an element with `[0]`, or join them: `| join(", ")`'
            case Media():
                return "let the expression be the whole value, without text around it"
        return ""

    def _error(self, code: str, node: nodes.Node, message: str, help: str = "") -> Type:
        self.report.error(code, self.expression.mark(node), message, help)
        return JSON

    def _not_a_node(self, node: nodes.Expr, found: Type) -> Type:
        if not isinstance(found, HandleType):
            return found
        outputs = found.node.outputs
        hint = f"pick an output: {', '.join(f'`{found.node.name}.{o}`' for o in outputs)}" if outputs else ""
        return self._error("expression-type", node, f"`{found.node.name}` is a node, not a value", hint)

    def _boolean(self, node: nodes.Expr) -> None:
        found = plain(self.type(node))
        if found not in (BOOLEAN, JSON):
            self._error(
                "expression-type",
                node,
                f"a condition is true or false, not {a_type(found)}",
                "compare it: `x == …`, `len(x) > 0`",
            )

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
            case nodes.Getitem(node=inner, arg=arg):
                return self._item(node, self.type(inner), arg)
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
            case nodes.Add(left=left, right=right) | nodes.Sub(left=left, right=right):
                return either(self._number(left), self._number(right))
            case nodes.Neg(node=inner) | nodes.Pos(node=inner):
                return self._number(inner)
            case nodes.CondExpr():
                return self._conditional(node)
            case nodes.Compare():
                self._compare(node)
                return BOOLEAN
        return JSON

    def _number(self, node: nodes.Expr) -> Type:
        found = plain(self.type(node))
        if found in (INTEGER, NUMBER, JSON):
            return NUMBER if found == JSON else found
        hint = "join text with `~`" if found == STRING else ""
        self._error("expression-type", node, f"`+` and `-` take numbers, not {a_type(found)}", hint)
        return NUMBER

    def _conditional(self, node: nodes.CondExpr) -> Type:
        self._boolean(node.test)
        if node.expr2 is None:
            return self._error(
                "expression-type", node, "this `if` has no `else`", "write `a if condition else b`"
            )
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
                self._error(
                    "expression-type", operand.expr, f"{a_type(left)} and {a_type(right)} have no order"
                )
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
            return Record({axis: Field(AXIS_FACTS) for axis in context.axes})
        if name in context.axes:
            return context.axes[name]
        if name in context.nodes:
            if name == context.node:
                return self._error(
                    "cycle",
                    node,
                    f"`{name}` refers to itself",
                    f"a chain takes the one before: `prev({name})`",
                )
            return context.handle(context.nodes[name])
        return self._undefined(node)

    def _undefined(self, node: nodes.Name) -> Type:
        name, context = node.name, self.context
        if name in context.every_axis:
            where = f"the node `{context.node}`" if context.node else "this place"
            return self._error(
                "undefined-name",
                node,
                f"{where} is not on the axis `{name}`",
                f"add `each: {name}` to the node",
            )
        if name in context.inputs.fields:
            return self._error("undefined-name", node, f"`{name}` is an input", f"write `inputs.{name}`")
        if name in FUNCTIONS:
            return self._error("undefined-name", node, f"`{name}` is a function", f"call it: `{name}(…)`")
        known = ["inputs", "axis", *context.axes, *context.nodes, *FUNCTIONS]
        return self._error("undefined-name", node, f"nothing is called `{name}` here", suggest(name, known))

    def _item(self, node: nodes.Getitem, inner: Type, arg: nodes.Expr) -> Type:
        inner, key = plain(inner), plain(self.type(arg))
        if isinstance(inner, HandleType) and inner.free and key in (STRING, INTEGER, JSON):
            return HandleType(inner.node, inner.free[1:])
        if isinstance(arg, nodes.Const) and isinstance(arg.value, str):
            return self._key(node, inner, arg.value)
        if isinstance(inner, ListOf) and key in (INTEGER, JSON):
            return inner.item
        if isinstance(inner, Record) and key in (STRING, JSON):
            return _any_field(inner)
        if inner == JSON:
            return JSON
        return self._error(
            "expression-type",
            node,
            f"{a_type(inner)} has no elements by {a_type(key)}",
            "lists take a whole number, objects a name",
        )

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
                return self._error(
                    "unknown-field",
                    node,
                    f"there is no `{key}` here",
                    suggest(key, fields, "fields") or f"fields: {', '.join(fields)}",
                )
            case Media(kind):
                return self._media_key(node, kind, key)
        if inner == JSON:
            return JSON
        return self._error("unknown-field", node, f"{a_type(inner)} has no fields, so no `{key}`")

    def _media_key(self, node: nodes.Expr, kind: MediaKind, key: str) -> Type:
        known = FACTS_OF.get(kind, tuple(MEDIA_FACTS))
        if key in known:
            return MEDIA_FACTS[key]
        hint = (
            f"the {kind} passes its URL by itself: drop `.url`"
            if key == "url"
            else f"fields: {', '.join(known)}"
        )
        return self._error("unknown-field", node, f"{a_type(Media(kind))} has no `{key}`", hint)

    def _output(self, node: nodes.Expr, handle: HandleType, key: str) -> Type:
        outputs = handle.node.outputs
        if outputs is None:
            return JSON
        if key not in outputs:
            hint = suggest(key, outputs) or f"outputs: {', '.join(outputs)}"
            return self._error("unknown-field", node, f"`{handle.node.name}` has no output `{key}`", hint)
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
        if isinstance(given, HandleType) and given.free:
            given = ListOf(JSON)
        if node.name == "map":
            return self._map(node, plain(given))
        found = filter_type(node.name, given)
        if isinstance(found, str):
            return self._error("expression-type", node, f"`{node.name}` takes {found}, not {a_type(given)}")
        return found

    def _map(self, node: nodes.Filter, given: Type) -> Type:
        if not isinstance(given, ListOf):
            return (
                JSON
                if given == JSON
                else self._error("expression-type", node, f"`map` takes a list, not {a_type(given)}")
            )
        named = {str(k.key): k.value for k in node.kwargs}
        attribute = named.get("attribute")
        if isinstance(attribute, nodes.Const) and isinstance(attribute.value, str) and not node.args:
            return ListOf(self._key(node, given.item, attribute.value))
        name = node.args[0].value if node.args and isinstance(node.args[0], nodes.Const) else None
        if name in FILTERS and not named:
            found = JSON if name in ("default", "d", "map") else filter_type(name, given.item)
            if not isinstance(found, str):
                return ListOf(found)
        return self._error(
            "expression-type",
            node,
            "`map` takes a filter's name or `attribute=`",
            '`map("first")`, `map(attribute="id")`',
        )


def _any_field(record: Record) -> Type:
    types = [f.type for f in record.fields.values()]
    if record.open or not types:
        return JSON
    found = types[0]
    for other in types[1:]:
        found = either(found, other)
    return found
