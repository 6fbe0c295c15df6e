"""The types of function calls: neighbours, lists and lengths."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import nodes

from callsheet.dsl.expression.context import Context, HandleType, NodeType
from callsheet.dsl.expression.signatures import either, plain
from callsheet.dsl.fit import a_type
from callsheet.dsl.types import INTEGER, JSON, ListOf, Type

Infer = Callable[[nodes.Expr], Type]
Error = Callable[..., Type]


class Calls:
    """Infers the calls of one expression. type: infers any part of it. error: reports, and gives json."""

    def __init__(self, context: Context, type: Infer, error: Error) -> None:
        self.context, self.type, self.error = context, type, error

    def infer(self, node: nodes.Call) -> Type:
        """The type of what a call gives."""
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
                return self.error("expression-type", node.args[i], f"`{name}` takes lists, not {a_type(one)}")
            inner = one.item if isinstance(one, ListOf) else JSON
            item = inner if i == 0 else either(item, inner)
        return ListOf(ListOf(item))

    def _takes(self, node: nodes.Call, given: list[Type], least: int, most: int) -> bool:
        if least <= len(given) <= most:
            return True
        assert isinstance(node.node, nodes.Name)
        count = f"{least}" if least == most else f"{least} to {most}"
        self.error(
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
        free = self.context.handle(handle).free
        return HandleType(handle, tuple(a for a in free if a != axis))

    def _node_argument(self, node: nodes.Call, name: str) -> NodeType | None:
        first = node.args[0]
        if isinstance(first, nodes.Name) and first.name in self.context.nodes:
            return self.context.nodes[first.name]
        if isinstance(first, nodes.Name) and first.name not in self.context.axes:
            self.type(first)
            return None
        self.error(
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
            self.error(
                "no-axis",
                node,
                f"{shared}, so there is no {'`at`' if name == 'at' else 'neighbour'}",
                "give both nodes the same `each`" if name != "at" else "",
            )
        else:
            self.error(
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
        self.error(
            "unknown-axis",
            argument,
            "this is not an axis that both nodes have",
            f"axes: {', '.join(candidates)}" if candidates else "",
        )
        return None
