"""The names that an expression can use in its place, and which of its parts are references."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from jinja2 import nodes

from callsheet.dsl.expression.template import Expression, names_in
from callsheet.spec.media import FACTS
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import BOOLEAN, INTEGER, NUMBER, STRING, Field, MediaKind, Record, Type

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
    zip(FACTS, (NUMBER, INTEGER, INTEGER, NUMBER, BOOLEAN, STRING), strict=True)
)
FACTS_OF: Final[Mapping[MediaKind, tuple[str, ...]]] = {
    "image": ("width", "height", "aspect"),
    "audio": ("seconds",),
}
"""What can be known of a kind; of the others everything."""


@dataclass(frozen=True, slots=True)
class NodeType:
    """A node as an expression sees it. outputs, spec: None when `uses` is unknown (and reported).

    chooses: it uses one of several models, so that spec is None as well.
    """

    name: str
    outputs: Mapping[str, Type] | None
    axes: tuple[str, ...]
    spec: NodeSpec | None = None
    chooses: bool = False


@dataclass(frozen=True, slots=True)
class HandleType(Type):
    """One instance of a node (`free` is empty), or the list along the free axes."""

    node: NodeType
    free: tuple[str, ...]

    def __str__(self) -> str:
        return f"node {self.node.name}"


@dataclass(frozen=True, slots=True)
class Context:
    """The names that an expression can use in its place.

    axes: axis variables in scope → the type of their items. own_axes: the axes of the node it stands in.
    every_axis: all axes of the file → what they range over, if
    it has a name, for better messages. node: the node it stands in, if any.
    around: axis → the axes it lies in, outermost first. find: looks up an endpoint.
    deferred: names whose value, or a part of it, is known only during the run: in a recipe
    `inputs.portrait`, or the variable of an axis over outputs. sends: the value goes to a provider.
    rows: the axes whose elements are films of their own: what this place refers to is in its own row.
    """

    inputs: Record
    axes: Mapping[str, Type]
    nodes: Mapping[str, NodeType]
    every_axis: Mapping[str, str] = field(default_factory=dict)
    node: str = ""
    around: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    find: Callable[[str], NodeSpec | None] = lambda _: None
    deferred: frozenset[str] = frozenset()
    sends: bool = False
    rows: tuple[str, ...] = ()

    @property
    def own_axes(self) -> tuple[str, ...]:
        return tuple(self.axes)

    @property
    def named(self) -> tuple[str, ...]:
        """The axes in scope that an expression can name."""
        return tuple(axis for axis in self.axes if axis not in self.rows)

    def everywhere(self, node: NodeType) -> HandleType:
        """The type of all instances of a node, in the row of this place."""
        return HandleType(node, tuple(axis for axis in node.axes if axis not in self.rows))

    def along(self, axis: str, item: Type) -> Context:
        """The same place, with one more axis in scope."""
        return replace(self, axes={**self.axes, axis: item})

    def written(self, expression: Expression) -> bool:
        """Whether a text in the value may come from a node, as the item of an axis over outputs."""
        if self.deferred.isdisjoint(self.axes):
            return False
        return any(name.name in self.deferred or name.name == "axis" for name in names_in(expression))

    def handle(self, node: NodeType) -> HandleType:
        """The type of a node's name in this place."""
        return HandleType(node, tuple(axis for axis in node.axes if axis not in self.axes))


def chains(expression: Expression, context: Context) -> Iterator[nodes.Expr]:
    """The longest parts of the expression that are references to outputs: `a.images[0]`."""
    stack: list[nodes.Node] = [expression.ast]
    while stack:
        node = stack.pop()
        if _is_chain(node, context):
            assert isinstance(node, nodes.Expr)
            yield node
            stack += _keys_of(node)
        elif input_name(node) is None:
            stack += list(node.iter_child_nodes())


def input_name(node: nodes.Node) -> str | None:
    """The name of the input that the node reads: `inputs.hero`."""
    match node:
        case nodes.Getattr(node=nodes.Name(name="inputs"), attr=name):
            return str(name)
        case nodes.Getitem(node=nodes.Name(name="inputs"), arg=nodes.Const(value=str(name))):
            return name
    return None


def _is_chain(node: nodes.Node, context: Context) -> bool:
    if (name := input_name(node)) is not None:
        return f"inputs.{name}" in context.deferred
    match node:
        case nodes.Name(name="inputs"):
            return bool(context.deferred)
        case nodes.Name(name=name):
            return name in context.nodes or name in context.deferred
        case nodes.Getitem(node=nodes.Name(name=name)) if name in context.nodes:
            return True
        case nodes.Getattr(node=inner) | nodes.Getitem(node=inner, arg=nodes.Const()):
            return _is_chain(inner, context)
        case nodes.Call(node=nodes.Name(name="next" | "prev" | "at" | "all"), args=[first, *_]):
            return _is_chain(first, context)
    return False


def _keys_of(node: nodes.Node) -> list[nodes.Node]:
    """The keys inside a chain, `at(a, key)` and `a[key]`; they may be references themselves."""
    match node:
        case nodes.Call(args=[first, *rest]):
            return [*_keys_of(first), *rest]
        case nodes.Getitem(node=inner, arg=key):
            return [*_keys_of(inner), key]
        case nodes.Getattr(node=inner):
            return _keys_of(inner)
    return []
