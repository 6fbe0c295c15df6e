"""The types of function calls: neighbours, lists and lengths."""

from __future__ import annotations

from collections.abc import Callable

from jinja2 import nodes

from callsheet.dsl.expression.context import Context, HandleType
from callsheet.dsl.expression.filter_types import either, plain
from callsheet.spec.conform import a_type
from callsheet.spec.lengths import Lengths, lengths_of
from callsheet.spec.types import INTEGER, JSON, NUMBER, ListOf, Type

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
                return self.error("expression-type", node.args[i], f"`{name}` takes lists, not {a_type(one)}")
            inner = one.item if isinstance(one, ListOf) else JSON
            item = inner if i == 0 else either(item, inner)
        return ListOf(ListOf(item))

    def _fitting(self, node: nodes.Call) -> Type:
        """Its second argument is no reference: it names a model, whose lengths take its place."""
        if not self._takes(node, [JSON] * len(node.args), 2, 2):
            return JSON
        wanted = plain(self.type(node.args[0]))
        if wanted not in (INTEGER, NUMBER, JSON):
            return self.error(
                "expression-type",
                node.args[0],
                f"`fit_duration` takes seconds, not {a_type(wanted)}",
                "a length is `voice.audio.seconds`",
            )
        lengths = self._lengths(node.args[1])
        if lengths is None:
            return JSON
        node.args[1] = nodes.Const(lengths.encoded, lineno=node.args[1].lineno)
        return lengths.type

    def _lengths(self, model: nodes.Expr) -> Lengths | None:
        match model:
            case nodes.Const(value=tuple(encoded)):
                return Lengths.decoded(encoded)
            case nodes.Name(name=name) if name in self.context.nodes:
                spec = self.context.nodes[name].spec
                if spec is None:
                    return None
            case nodes.Const(value=str(name)):
                spec = self.context.find(name)
            case _:
                name, spec = "", None
        if spec is None:
            message = f"nothing is called `{name}`" if name else "this is neither a node nor an endpoint"
            help = 'name a node, or an endpoint in quotes: `fit_duration(x, "fal-ai/…")`'
            self.error("expression-type", model, message, help)
            return None
        lengths = lengths_of(spec)
        if lengths is None:
            message = f"`{spec.uses}` has no parameter for its length, or does not say which it takes"
            self.error("expression-type", model, message)
        return lengths

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
            return HandleType(handle.node, handle.node.axes)
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
                return found if isinstance(found, HandleType) else None
        self.error(
            "expression-type",
            node.args[0],
            f"`{name}` takes a node",
            "the field comes after it: `next(keyframe).images[0]`",
        )
        return None

    def _axis_argument(self, node: nodes.Call, name: str, handle: HandleType) -> str | None:
        """The axis that the call moves along; it is written into the call, where it was left out."""
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
        axes, fixed = handle.node.axes, set(handle.node.axes) - set(handle.free)
        if name == "at":
            return tuple(a for a in axes if fixed.issuperset(self._around(a)))
        return tuple(a for a in axes if a in fixed)

    def _ambiguous(self, node: nodes.Call, name: str, handle: HandleType, candidates: list[str]) -> None:
        of = handle.node.name
        if candidates:
            key = ", key" if name == "at" else ""
            hint = f"name one: `{name}({of}{key}, {candidates[0]})`"
            self.error("no-axis", node, f"`{of}` has several axes", hint)
        elif name == "at":
            self.error("no-axis", node, f"`{of}` has no axis, so there is no `at`")
        else:
            self.error(
                "no-axis",
                node,
                f"`{of}` shares no axis with this place, so there is no neighbour",
                "give both nodes the same `each`",
            )

    def _named_axis(
        self, node: nodes.Call, argument: nodes.Expr, at: int, candidates: tuple[str, ...]
    ) -> str | None:
        match argument:
            case nodes.Name(name=axis) | nodes.Const(value=str(axis)) if axis in candidates:
                node.args[at] = nodes.Const(axis, lineno=argument.lineno)
                return axis
            case nodes.Name(name=axis) if at == 2 and (around := self._around(axis)):
                self.error(
                    "no-axis",
                    argument,
                    f"`{axis}` lies inside `{around[-1]}`, and its keys are told apart only there",
                    f"look the outer one up first: `at(at(…, key, {around[-1]}), key, {axis})`",
                )
                return None
        self.error(
            "unknown-axis",
            argument,
            "this is not an axis that both nodes have",
            f"axes: {', '.join(candidates)}" if candidates else "",
        )
        return None
