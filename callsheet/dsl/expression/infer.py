"""The type of an expression, and everything about it that is wrong before any value is known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import nodes

from callsheet.dsl.diagnostic import Report
from callsheet.dsl.expression.allowed import FUNCTIONS
from callsheet.dsl.expression.filters import FILTERS
from callsheet.dsl.expression.signatures import PASTED, either, filter_type, of_value, plain
from callsheet.dsl.expression.template import Expression
from callsheet.dsl.expression.values import MEDIA_KEYS
from callsheet.dsl.fit import a_type
from callsheet.dsl.nearest import suggest
from callsheet.dsl.types import (
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

AXIS_FACTS: Final = Record(
    {
        "index": Field(INTEGER),
        "key": Field(STRING),
        "first": Field(BOOLEAN),
        "last": Field(BOOLEAN),
        "length": Field(INTEGER),
    }
)
MEDIA_FACTS: Final[Mapping[str, Type]] = dict(
    zip(MEDIA_KEYS, (NUMBER, INTEGER, INTEGER, NUMBER, BOOLEAN), strict=True)
)


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node as an expression sees it. `outputs` is None when `uses` is unknown (and reported)."""

    name: str
    outputs: Mapping[str, Type] | None
    axes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class HandleType(Type):
    """One instance of a node (`free` is empty), or the list along the free axes."""

    node: NodeType
    free: tuple[str, ...]

    def __str__(self) -> str:
        return f"the node {self.node.name}"


@dataclass(frozen=True, slots=True)
class Context:
    """The names that an expression can use in its place.

    axes: axis variables in scope → the type of their items. home: the axes of the node it stands in.
    every_axis: all axes of the file, for better messages. node: the node it stands in, if any.
    """

    inputs: Record
    axes: Mapping[str, Type]
    nodes: Mapping[str, NodeType]
    every_axis: tuple[str, ...] = ()
    node: str = ""

    @property
    def home(self) -> tuple[str, ...]:
        return tuple(self.axes)


def infer(expression: Expression, context: Context, report: Report) -> Type:
    """The expression's type; json where it cannot be known, or where something was reported."""
    return _Inference(expression, context, report).whole()


def chains(expression: Expression, context: Context) -> Iterator[nodes.Expr]:
    """The longest parts of the expression that are references to outputs: `a.images[0]`."""
    stack: list[nodes.Node] = [expression.ast]
    while stack:
        node = stack.pop()
        if _is_chain(node, context):
            assert isinstance(node, nodes.Expr)
            yield node
            stack += _keys_of(node)
        else:
            stack += list(node.iter_child_nodes())


def _is_chain(node: nodes.Node, context: Context) -> bool:
    match node:
        case nodes.Name(name=name):
            return name in context.nodes
        case nodes.Getattr(node=inner) | nodes.Getitem(node=inner, arg=nodes.Const()):
            return _is_chain(inner, context)
        case nodes.Call(node=nodes.Name(name="next" | "prev" | "at" | "all"), args=[first, *_]):
            return _is_chain(first, context)
    return False


def _keys_of(node: nodes.Node) -> list[nodes.Node]:
    """The keys inside a chain's `at()` calls, which may hold references of their own."""
    match node:
        case nodes.Call(args=[first, *rest]):
            return [*_keys_of(first), *rest]
        case nodes.Getattr(node=inner) | nodes.Getitem(node=inner):
            return _keys_of(inner)
    return []


class _Inference:
    def __init__(self, expression: Expression, context: Context, report: Report) -> None:
        self.expression, self.context, self.report = expression, context, report

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
                return self._call(node)
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
            return self._handle(context.nodes[name])
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

    def _handle(self, node: NodeType) -> HandleType:
        return HandleType(node, tuple(axis for axis in node.axes if axis not in self.context.axes))

    def _item(self, node: nodes.Getitem, inner: Type, arg: nodes.Expr) -> Type:
        if isinstance(arg, nodes.Const) and isinstance(arg.value, str):
            return self._key(node, inner, arg.value)
        key = plain(self.type(arg))
        inner = plain(inner)
        if isinstance(inner, HandleType) and inner.free and key in (INTEGER, JSON):
            return HandleType(inner.node, inner.free[1:])
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
        if key in MEDIA_FACTS:
            return MEDIA_FACTS[key]
        hint = (
            f"the {kind} passes its URL by itself: drop `.url`"
            if key == "url"
            else f"fields: {', '.join(MEDIA_FACTS)}"
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

    def _call(self, node: nodes.Call) -> Type:
        assert isinstance(node.node, nodes.Name)
        name = node.node.name
        if name in ("next", "prev", "at", "all"):
            return self._neighbour(node, name)
        given = [plain(self.type(arg)) for arg in node.args]
        if name == "range":
            return ListOf(INTEGER) if self._takes(node, given, 1, 3) else JSON
        if name == "len":
            return INTEGER if self._takes(node, given, 1, 1) else JSON
        if not self._takes(node, given, 1, 8):
            return JSON
        item: Type = JSON
        for i, one in enumerate(given):
            if not isinstance(one, ListOf) and one != JSON:
                return self._error(
                    "expression-type", node.args[i], f"`{name}` takes lists, not {a_type(one)}"
                )
            inner = one.item if isinstance(one, ListOf) else JSON
            item = inner if i == 0 else either(item, inner)
        return ListOf(ListOf(item))

    def _takes(self, node: nodes.Call, given: list[Type], least: int, most: int) -> bool:
        if least <= len(given) <= most:
            return True
        assert isinstance(node.node, nodes.Name)
        count = f"{least}" if least == most else f"{least} to {most}"
        self._error(
            "expression-type",
            node,
            f"`{node.node.name}` takes {count} argument{'s' if most > 1 else ''}, not {len(given)}",
        )
        return False

    def _neighbour(self, node: nodes.Call, name: str) -> Type:
        least, most = {"next": (1, 2), "prev": (1, 2), "at": (2, 3), "all": (1, 1)}[name]
        if not self._takes(node, [JSON] * len(node.args), least, most):
            return JSON
        handle = self._node_argument(node, name)
        if handle is None:
            return JSON
        if name == "all":
            return HandleType(handle, handle.axes)
        axis = self._axis_argument(node, name, handle)
        if axis is None:
            return JSON
        if name == "at":
            self.type(node.args[1])
        free = self._handle(handle).free
        return HandleType(handle, tuple(a for a in free if a != axis))

    def _node_argument(self, node: nodes.Call, name: str) -> NodeType | None:
        first = node.args[0]
        if isinstance(first, nodes.Name) and first.name in self.context.nodes:
            return self.context.nodes[first.name]
        if isinstance(first, nodes.Name) and first.name not in self.context.axes:
            self._name(first)
            return None
        self._error(
            "expression-type",
            first,
            f"`{name}` takes a node",
            "the field comes after it: `next(keyframe).images[0]`",
        )
        return None

    def _axis_argument(self, node: nodes.Call, name: str, handle: NodeType) -> str | None:
        at = 2 if name == "at" else 1
        candidates = handle.axes if name == "at" else tuple(a for a in handle.axes if a in self.context.home)
        if len(node.args) > at:
            return self._named_axis(node, node.args[at], at, candidates)
        if len(candidates) == 1:
            return candidates[0]
        if not candidates:
            shared = (
                f"`{handle.name}` shares no axis with this place"
                if name != "at"
                else f"`{handle.name}` has no axis"
            )
            self._error(
                "no-axis",
                node,
                f"{shared}, so there is no {'`at`' if name == 'at' else 'neighbour'}",
                "give both nodes the same `each`" if name != "at" else "",
            )
        else:
            self._error(
                "no-axis",
                node,
                f"`{handle.name}` has several axes",
                f"name one: `{name}({handle.name}{', key' if name == 'at' else ''}, {candidates[0]})`",
            )
        return None

    def _named_axis(
        self, node: nodes.Call, argument: nodes.Expr, at: int, candidates: tuple[str, ...]
    ) -> str | None:
        match argument:
            case nodes.Name(name=axis) | nodes.Const(value=str(axis)) if axis in candidates:
                node.args[at] = nodes.Const(axis, lineno=argument.lineno)
                return axis
        self._error(
            "unknown-axis",
            argument,
            "this is not an axis that both nodes have",
            f"axes: {', '.join(candidates)}" if candidates else "",
        )
        return None


def _any_field(record: Record) -> Type:
    types = [f.type for f in record.fields.values()]
    if record.open or not types:
        return JSON
    found = types[0]
    for other in types[1:]:
        found = either(found, other)
    return found
