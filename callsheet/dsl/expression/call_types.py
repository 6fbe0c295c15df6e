"""The types of function calls: neighbours, lists and lengths."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import nodes

from callsheet.dsl.expression.context import Context, HandleType
from callsheet.dsl.expression.filter_types import either, plain
from callsheet.spec.lengths import Lengths, lengths_of
from callsheet.spec.rules import expressions as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import INTEGER, JSON, NUMBER, ListOf, Type

Infer = Callable[[nodes.Expr], Type]
Error = Callable[[nodes.Node, Problem], Type]


class Calls:
    """Infers the calls of one expression. type: infers any part of it. error: reports, and gives json."""

    def __init__(self, context: Context, type: Infer, error: Error) -> None:
        self.context, self.type, self.error = context, type, error

    def infer(self, node: nodes.Call) -> Type:
        """The type of what a call gives."""
        assert isinstance(node.node, nodes.Name)
        name = node.node.name.removeprefix("_")
        if name in ("next", "prev") and len(node.args) > 1 and _is_boolean(node.args[1]):
            return self.error(node.args[1], rules.wrap_without_name(name))
        if name in ("next", "prev") and (axis := self._axis_of_element(node)):
            return self.context.axes[axis]
        if name in ("next", "prev", "at", "all"):
            return self._neighbour(node, name)
        if name == "fit_duration":
            return self._fitting(node)
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
                return self.error(node.args[i], rules.function_takes_lists(name, one))
            inner = one.item if isinstance(one, ListOf) else JSON
            item = inner if i == 0 else either(item, inner)
        return ListOf(ListOf(item))

    def _axis_of_element(self, node: nodes.Call) -> str:
        """The axis in `next(shot)`, which is added as second argument; "" when the first is no element."""
        match node.args:
            case [nodes.Name(name=axis) as first] if axis in self.context.named:
                node.args.append(nodes.Const(axis, lineno=first.lineno))
                return axis
            case [nodes.Name(name=axis), nodes.Const(value=other)] if axis == other in self.context.named:
                return str(axis)
        return ""

    def _fitting(self, node: nodes.Call) -> Type:
        """`fit_duration(seconds, model)`. The model's lengths replace the second argument in the tree."""
        if not self._takes(node, [JSON] * len(node.args), 2, 2):
            return JSON
        wanted = plain(self.type(node.args[0]))
        if wanted not in (INTEGER, NUMBER, JSON):
            return self.error(node.args[0], rules.fit_duration_of(wanted))
        lengths = self._lengths(node.args[1])
        if lengths is None:
            return JSON
        node.args[1] = nodes.Const(lengths.encoded, lineno=node.args[1].lineno)
        return lengths.type

    def _lengths(self, model: nodes.Expr) -> Lengths | None:
        match model:
            case nodes.Const(value=tuple(encoded)):
                return Lengths.decoded(encoded)
            case nodes.Name(name=name) if name in self.context.nodes and self.context.nodes[name].chooses:
                self.error(model, rules.lengths_of_several(name))
                return None
            case nodes.Name(name=name) if name in self.context.nodes:
                spec = self.context.nodes[name].spec
                if spec is None:
                    return None
            case nodes.Const(value=str(name)):
                spec = self.context.find(name)
            case _:
                name, spec = "", None
        if spec is None:
            self.error(model, rules.fit_duration_for(name))
            return None
        lengths = lengths_of(spec)
        if lengths is None:
            self.error(model, rules.no_lengths(spec.uses))
        return lengths

    def _takes(self, node: nodes.Call, given: list[Type], least: int, most: int) -> bool:
        if least <= len(given) <= most:
            return True
        assert isinstance(node.node, nodes.Name)
        name = node.node.name.removeprefix("_")
        self.error(node, rules.function_arguments(name, least, most, len(given)))
        return False

    def _neighbour(self, node: nodes.Call, name: str) -> Type:
        least, most = {"next": (1, 2), "prev": (1, 2), "at": (2, 3), "all": (1, 1)}[name]
        if not self._takes(node, [JSON] * len(node.args), least, most):
            return JSON
        handle = self._node_argument(node, name)
        if handle is None:
            return JSON
        if name == "all":
            return self.context.everywhere(handle.node)
        axis = self._axis_argument(node, name, handle)
        if axis is None:
            return JSON
        if name == "at":
            self.type(node.args[1])
        inside = [a for a in handle.node.axes if axis in self._around(a)]
        free = {*handle.free, *inside} - {axis}
        return HandleType(handle.node, tuple(a for a in handle.node.axes if a in free))

    def _around(self, axis: str) -> tuple[str, ...]:
        return self.context.around.get(axis, ())

    def _node_argument(self, node: nodes.Call, name: str) -> HandleType | None:
        match node.args[0]:
            case nodes.Name(name=named) if named in self.context.nodes:
                return self.context.handle(self.context.nodes[named])
            case nodes.Name(name=named) as first if named not in self.context.axes:
                self.type(first)
                return None
            case nodes.Call(node=nodes.Name(name="next" | "prev" | "at" | "all")) as first:
                found = self.type(first)
                if isinstance(found, HandleType) or not self._axis_of_element(first):
                    return found if isinstance(found, HandleType) else None
        axis = self._named_by(node.args[0]) if name in ("next", "prev") else ""
        if axis:
            self.error(node, rules.one_step(name, axis, self.context.every_axis.get(axis, "")))
        else:
            self.error(node.args[0], rules.function_takes_a_node(name))
        return None

    def _named_by(self, argument: nodes.Node) -> str:
        """The axis of `shot`, or of `next(shot)`; "" for anything else."""
        match argument:
            case nodes.Name(name=axis) if axis in self.context.named:
                return axis
            case nodes.Call(node=nodes.Name(name="next" | "prev"), args=[nodes.Name() as first, *_]):
                return self._named_by(first)
        return ""

    def _axis_argument(self, node: nodes.Call, name: str, handle: HandleType) -> str | None:
        """The axis that the call moves along. Where it was left out, it is added to the call."""
        place = 2 if name == "at" else 1
        candidates = self._candidates(name, handle)
        if len(node.args) > place:
            return self._named_axis(node, node.args[place], place, candidates)
        innermost = [a for a in candidates if not any(a in self._around(other) for other in candidates)]
        if len(innermost) == 1:
            node.args.append(nodes.Const(innermost[0], lineno=node.lineno))
            return innermost[0]
        self._ambiguous(node, name, handle, innermost)
        return None

    def _candidates(self, name: str, handle: HandleType) -> tuple[str, ...]:
        """Axes that the call can move along: those of this place, and for `at` those they lead into."""
        fixed = set(handle.node.axes) - set(handle.free)
        axes = [axis for axis in handle.node.axes if axis not in self.context.rows]
        if name == "at":
            return tuple(a for a in axes if fixed.issuperset(self._around(a)))
        return tuple(a for a in axes if a in fixed)

    def _ambiguous(self, node: nodes.Call, name: str, handle: HandleType, candidates: list[str]) -> None:
        of = handle.node.name
        if candidates:
            self.error(node, rules.several_axes(of, name, candidates[0]))
        elif name == "at":
            self.error(node, rules.at_without_axis(of))
        else:
            self.error(node, rules.no_shared_axis(of))

    def _named_axis(
        self, node: nodes.Call, argument: nodes.Expr, at: int, candidates: tuple[str, ...]
    ) -> str | None:
        match argument:
            case nodes.Name(name=axis) | nodes.Const(value=str(axis)) if axis in candidates:
                node.args[at] = nodes.Const(axis, lineno=argument.lineno)
                return axis
            case nodes.Name(name=axis) if at == 2 and (around := self._around(axis)):
                self.error(argument, rules.inner_axis(axis, around[-1]))
                return None
        self.error(argument, rules.not_a_shared_axis(candidates))
        return None


def _is_boolean(node: nodes.Expr) -> bool:
    return isinstance(node, nodes.Const) and isinstance(node.value, bool)
