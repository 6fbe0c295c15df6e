"""The product of nodes and axes: instances with values, edges and addresses."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace

from callsheet.dsl.axes.axis import Axis, Branch, Point, along, count
from callsheet.dsl.axes.functions import functions
from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.axes.scope import (
    Handle,
    KnownNames,
    KnownValues,
    Lookup,
    NodeShape,
    Scope,
    with_known,
)
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expand.pipeline_info import Output
from callsheet.dsl.expression.template import compile_native, run_native
from callsheet.dsl.expression.tree import nodes
from callsheet.dsl.expression.values import Absent, EvaluationError, NotYet, Pending
from callsheet.dsl.graph import Instance, Options, Unfit
from callsheet.dsl.values.bindings import Computed, Constant, Fields, Items, Maker
from callsheet.dsl.values.inputs import Inputs
from callsheet.dsl.values.media_files import local_media
from callsheet.dsl.values.media_urls import unsuitable_url, urls_in
from callsheet.dsl.values.origin import Origin
from callsheet.spec.conform import problems
from callsheet.spec.permissions import MAX_INSTANCES
from callsheet.spec.rules import instances as rules
from callsheet.spec.rules import models as model_rules
from callsheet.spec.rules import values as value_rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import NOTHING, Field, ListOf, Maybe, Media, MediaKind, media_in, media_kinds
from callsheet.spec.values import Deferred, LocalFile, Ref, gathered, refs_in


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an expansion belongs: the pipeline itself, or a recipe that is used at an address.

    findings: takes what is wrong with single instances. programs: compiled references, kept for all uses.
    prefix: what the addresses inside begin with. node, key, axes, point: what those of the instances begin
    with.
    options: of the node that uses the recipe. after: addresses that everything inside waits for. deferred:
    whether inputs hold values that are known only during the run. most: how many instances a pipeline may
    have. is_test: an example of a recipe is expanded, so that outputs may be absent as for its users.
    """

    findings: Report = field(default_factory=Report)
    programs: dict[int, object] = field(default_factory=dict)
    prefix: str = ""
    node: str = ""
    key: tuple[str, ...] = ()
    axes: tuple[str, ...] = ()
    point: Point = ()
    options: Options = field(default_factory=Options)
    after: tuple[str, ...] = ()
    deferred: bool = False
    most: int = MAX_INSTANCES
    is_test: bool = False


def within(outer: Options, inner: Options) -> Options:
    """The options of a node in a recipe: its own, else those of the node that uses the recipe."""
    return replace(
        inner,
        cache=outer.cache if inner.cache == "auto" else inner.cache,
        attempts=outer.attempts if inner.attempts is None else inner.attempts,
        retried=outer.retried if inner.attempts is None else inner.retried,
        pause=outer.pause if inner.attempts is None else inner.pause,
    )


class Makers:
    """The parameters of a node: values that are the same in all instances, and makers of the others.

    media: the types of those that take media.
    """

    def __init__(self, params: Mapping[str, Maker], inputs: Mapping[str, Field]) -> None:
        self.constants = {name: m.value for name, m in params.items() if isinstance(m, Constant)}
        self.others = {name: m for name, m in params.items() if name not in self.constants}
        types = {name: inputs[name].type for name in params if name in inputs}
        self.media = {name: t for name, t in types.items() if any(media_in(t))}


class Expansion:
    """Expands the nodes of one document. Its state: findings, known lists of axes, skipped points."""

    def __init__(
        self,
        checked: Mapping[str, CheckedNode],
        inputs: Inputs,
        axes: Mapping[str, ResolvedAxis],
        origin: Origin,
        placement: Placement | None = None,
    ) -> None:
        self.checked, self.inputs, self.origin = checked, inputs, origin
        self.axes = dict(axes)
        self.placement = placement or Placement()
        self.findings, self.programs = self.placement.findings, self.placement.programs
        self.shapes = {name: self._shape(node) for name, node in checked.items()}
        self.functions = functions()
        self._makers: dict[tuple[str, str], Makers] = {}
        self._own_options: dict[str, Options] = {}

    def _shape(self, node: CheckedNode) -> NodeShape:
        axes = tuple(self.axes[axis].axis for axis in node.axes)
        return NodeShape(node.decl.name, axes, frozenset(node.spec.outputs), set(), self.placement.prefix)

    def copy(self, findings: Report | None = None) -> Expansion:
        """A copy that can be expanded further. Its errors go into `findings`, or into a report of its own."""
        other = copy(self)
        other.axes, other.findings = dict(self.axes), findings or Report()
        other.placement = replace(self.placement, findings=other.findings)
        other.shapes = {name: replace(s, skipped=set(s.skipped)) for name, s in self.shapes.items()}
        return other

    def know(self, axis: str, branches: Mapping[Point, Branch]) -> None:
        """Add lists of an axis that are known now."""
        grown = self.axes[axis].axis.extended(branches)
        self.axes[axis] = replace(self.axes[axis], axis=grown)
        for shape in self.shapes.values():
            shape.axes = tuple(grown if a.name == axis else a for a in shape.axes)

    def around(self, axis: str) -> tuple[Axis, ...]:
        """The axes around an axis, outermost first."""
        return tuple(self.axes[name].axis for name in self.axes[axis].axis.around)

    def count(self) -> int:
        """How many instances there are, skipped ones included; only roughly when far more than allowed."""
        return sum(count(shape.axes, self.placement.most + 1) for shape in self.shapes.values())

    def decide(self, name: str, points: Iterable[Point]) -> Iterator[str]:
        """Evaluate `when` at these points of a node. Returns the addresses of the skipped instances."""
        node, shape = self.checked[name], self.shapes[name]
        if isinstance(node.when, Constant) and node.when.value is True:
            return
        for point in points:
            if not self._wanted(node, shape, point):
                shape.skipped.add(point)
                yield shape.address(point)

    def skipped(self) -> tuple[str, ...]:
        """Evaluate every `when`. Returns the addresses of the skipped instances."""
        return tuple(
            address for name in self.checked for address in self.decide(name, self.shapes[name].points())
        )

    def _wanted(self, node: CheckedNode, shape: NodeShape, point: Point) -> bool:
        place = node.decl.when.span if isinstance(node.when, Computed) else node.decl.span  # type: ignore[union-attr]
        try:
            value = node.when.make(self.scope(shape.axes, point, without_nodes=True))
        except EvaluationError as error:
            self.findings.add(place, error.problem, shape.address(point))
            return False
        except NotYet:
            self.findings.add(place, rules.when_of_late_input(), shape.address(point))
            return False
        if not isinstance(value, bool):
            self.findings.add(place, rules.when_not_boolean(), shape.address(point))
        return value is True

    def scope(
        self,
        axes: tuple[Axis, ...],
        point: Point,
        lookup: KnownValues | None = None,
        without_nodes: bool = False,
    ) -> dict[str, object]:
        """Every name that expressions at a point of these axes can use."""
        scope = {"inputs": self.inputs.values, **along(axes, point), **self.functions}
        if self.placement.deferred and lookup:
            scope["inputs"] = KnownNames(self.inputs.values, lookup)
            scope.update({axis.name: with_known(scope[axis.name], lookup) for axis in axes})
        fixed = {axis.name: i for axis, i in zip(axes, point, strict=True)}
        return Scope(scope, {} if without_nodes else self.shapes, fixed, lookup)

    def instances(self) -> Iterator[Instance]:
        """All instances in the order of the file and its axes."""
        for name, shape in self.shapes.items():
            if name in self.checked:
                for point in shape.points():
                    if point not in shape.skipped:
                        yield from self.at(name, point)

    def at(self, name: str, point: Point) -> Iterator[Instance]:
        """The instance of a node at a point, or the instances of the recipe that it uses there.

        Raises ListUnknown.
        """
        shape = self.shapes[name]
        if shape.use is None:
            yield self._instance(self.checked[name], shape, point)
        else:
            yield from shape.use(point).instances()

    def _instance(self, node: CheckedNode, shape: NodeShape, point: Point) -> Instance:
        address = shape.address(point)
        node = self.chosen(node, point, address)
        params = self.params(node, point, address)
        self._rules(node, params, address)
        self._urls(node, params, address)
        needs = {ref.address for value in params.values() for ref in refs_in(value)}
        ordered = set(self.ordered_after(node, point))
        needs |= ordered
        tolerates = gathered(params) - ordered if node.decl.options.missing != "fail" else ()
        return Instance(
            address,
            self.placement.node + node.decl.name,
            (*self.placement.key, *shape.key(point)),
            node.spec,
            params,
            tuple(sorted(needs)),
            node.decl.span,
            self._options(node),
            tuple(sorted(tolerates)),
            axes=(*self.placement.axes, *(axis.name for axis in shape.axes)),
            point=(*self.placement.point, *point),
        )

    def chosen(self, node: CheckedNode, point: Point, address: str) -> CheckedNode:
        """The node with the model that it uses at a point."""
        if node.choice is None or node.decl.choice is None:
            return node
        scope = self.scope(self.shapes[node.decl.name].axes, point, without_nodes=True)
        try:
            uses = node.choice.make(scope)
        except EvaluationError as error:
            problem = error.problem
        except NotYet:
            problem = model_rules.late_choice()
        else:
            if isinstance(uses, str) and uses in node.options:
                return node.options[uses]
            problem = _not_chosen(uses, node)
        self.findings.add(node.decl.choice.span, problem, address)
        return next(iter(node.options.values()))

    def params(self, node: CheckedNode, point: Point, address: str) -> dict[str, object]:
        """The parameters of a node at one point of its axes, as value trees."""
        makers = self.makers(node)
        filler = Evaluator(self, self.shapes[node.decl.name].axes, point, address)
        made = {name: filler.evaluate(m) for name, m in makers.others.items()}
        absent = {name: value for name, value in made.items() if isinstance(value, Absent)}
        for name, value in absent.items():
            if node.spec.inputs[name].required:
                self.findings.add(node.places[name], rules.absent_parameter(value.reason, name), address)
        constants = makers.constants
        return {n: constants[n] if n in constants else made[n] for n in node.params if n not in absent}

    def makers(self, node: CheckedNode) -> Makers:
        """The makers of a node's parameters; kept, because every instance needs them."""
        kept = node.decl.name, node.spec.uses
        if kept not in self._makers:
            self._makers[kept] = Makers(node.params, node.spec.inputs)
        return self._makers[kept]

    def _options(self, node: CheckedNode) -> Options:
        """The options of a node's instances; kept, because they are the same for all."""
        name = node.decl.name
        if name not in self._own_options:
            self._own_options[name] = within(self.placement.options, node.decl.options)
        return self._own_options[name]

    def _urls(self, node: CheckedNode, params: Mapping[str, object], address: str) -> None:
        """Report URLs of media that nobody would fetch: for this machine, or of a kind that is not sent."""
        for name, wanted in self.makers(node).media.items():
            if isinstance(value := params.get(name), str | list | dict):
                for url in urls_in(wanted, value):
                    if problem := unsuitable_url(url, node.spec):
                        self.findings.add(node.places.get(name, node.decl.uses.span), problem, address)

    def _rules(self, node: CheckedNode, params: Mapping[str, object], address: str) -> None:
        for rule in node.spec.rules:
            try:
                broken = rule.broken(params)
            except TypeError:  # compares with an output that is not known yet
                broken = False
            if broken:
                place = next(
                    (node.places[p] for p in rule.parameters if p in node.places), node.decl.uses.span
                )
                self.findings.add(place, model_rules.refused_by_model(rule.said(params), rule.help), address)

    def ordered_after(self, node: CheckedNode, point: Point) -> Iterator[str]:
        """The addresses that the node waits for without taking anything from them."""
        yield from self.placement.after
        fixed = dict(zip(node.axes, point, strict=True))
        for name in node.decl.needs:
            if name.text in self.shapes:
                yield from _addresses(Handle(self.shapes[name.text], fixed))

    def output(self, output: Output) -> object:
        """The value tree of an output of the pipeline. Absent only in a test of a recipe, elsewhere it is an
        error. Raises ListUnknown."""
        axes = tuple(self.axes[axis.name].axis for axis in output.axes)
        value = Evaluator(self, axes, output.point, "").evaluate(output.maker)
        if isinstance(value, Absent) and not self.placement.is_test:
            self.findings.add(output.place, rules.absent_output(value.reason), "")
        return value

    def result(self, maker: Maker) -> object:
        """One of the outputs of a recipe; it may be absent."""
        return Evaluator(self, (), (), self.placement.prefix.removesuffix("/")).evaluate(maker)

    def program(self, chain: nodes.Expr) -> object:
        """The compiled reference; kept, because every instance evaluates it."""
        if id(chain) not in self.programs:
            self.programs[id(chain)] = compile_native(chain)
        return self.programs[id(chain)]


def _not_chosen(uses: object, node: CheckedNode) -> Problem:
    """Why the value of `uses` names no model."""
    match uses:
        case Pending():
            return model_rules.late_choice()
        case Absent():
            return model_rules.no_choice(uses.reason)
    return model_rules.not_among(uses, [*node.options])


def _addresses(handle: Handle) -> Iterator[str]:
    if handle.single:
        yield from handle.addresses()
    else:
        for element in handle:
            yield from _addresses(element)


class Evaluator:
    """Evaluates the parameters of one instance."""

    def __init__(self, expansion: Expansion, axes: tuple[Axis, ...], point: Point, address: str) -> None:
        self.expansion, self.axes, self.point, self.address = expansion, axes, point, address
        self.scope = expansion.scope(axes, point)

    def evaluate(self, maker: Maker) -> object:
        match maker:
            case Constant(value):
                return value
            case Computed():
                return self._dynamic(maker)
            case Items(makers):
                return [v for m in makers if not isinstance(v := self.evaluate(m), Absent)]
            case Fields(makers):
                return {n: v for n, m in makers.items() if not isinstance(v := self.evaluate(m), Absent)}

    def _dynamic(self, maker: Computed) -> object:
        span = maker.expression.span
        try:
            value = without_handles(maker.make(self.scope))
            value = _not_media(value, maker.field) if maker.written else self._media(value, maker.field, span)
        except NotYet:
            return self._deferred(maker)
        except EvaluationError as error:
            self.expansion.findings.add(span, error.problem, self.address)
            return None
        if isinstance(value, Deferred):
            return self._deferred(maker)
        for problem in problems(maker.field, value):
            self.expansion.findings.add(span, problem, self.address)
            break
        return value

    def _media(self, value: object, wanted: Field, span: Span) -> object:
        """`value` with a local file or a URL in place of each text, where a medium is wanted."""
        kinds = _media(wanted)
        if not kinds or not isinstance(value, str | list):
            return value
        if isinstance(value, list):
            return [self._media(v, wanted, span) for v in value]
        own, origin = Report(), self.expansion.origin
        found = local_media(value, kinds, origin, span, own)
        for d in own.sorted():
            self.expansion.findings.include(d, self.address)
        return LocalFile(kinds[0], origin.base) if own.failed else found

    def _deferred(self, maker: Computed) -> Deferred:
        values = []
        for chain in maker.chains:
            try:
                values.append(without_handles(run_native(self.expansion.program(chain), self.scope)))  # type: ignore[arg-type]
            except (NotYet, EvaluationError):
                continue
        refs = dict.fromkeys(ref for value in values for ref in refs_in(value))
        return Deferred(
            tuple(refs),
            self._compute(maker, frozenset(ref.address for ref in refs)),
            frozenset(gathered(dict(enumerate(values)))),
            maker.expression.span.text,
        )

    def _compute(self, maker: Computed, addresses: frozenset[str]) -> Callable[[Lookup], object]:
        expansion, axes, point, address = self.expansion, self.axes, self.point, self.address

        def compute(lookup: Lookup) -> object:
            known = KnownValues(_or_absent(lookup), addresses)
            try:
                value = without_handles(maker.make(expansion.scope(axes, point, known)))
            except EvaluationError as error:
                raise Unfit(address, error.problem) from None
            for problem in problems(maker.field, value):
                raise Unfit(address, problem)
            return value

        return compute


def _not_media(value: object, wanted: Field) -> object:
    """`value`, which a node wrote: text in it is never a path or a URL. Raises EvaluationError."""
    kinds = _media(wanted)
    if kinds and isinstance(value, str):
        raise EvaluationError(value_rules.text_not_a_medium(Media(kinds[0])))
    if kinds and isinstance(value, list):
        return [_not_media(v, wanted) for v in value]
    return value


def _or_absent(lookup: Lookup) -> Lookup:
    def found(ref: Ref) -> object:
        value = lookup(ref)
        return Absent(f"{ref.address} gave no `{ref.path[0]}`") if value is NOTHING else value

    return found


def without_handles(value: object) -> object:
    """The value with references in place of pending outputs, and lists in place of handles on nodes."""
    match value:
        case Pending():
            return value.ref
        case Handle():
            return [without_handles(v) for v in value] if not value.single else None
        case list():
            return [s for v in value if not isinstance(s := without_handles(v), Absent)]
        case dict():
            return {k: s for k, v in value.items() if not isinstance(s := without_handles(v), Absent)}
    return value


def _media(wanted: Field) -> tuple[MediaKind, ...]:
    """The kinds of media that are taken, alone or as elements of lists."""
    t = wanted.type
    while isinstance(t, Maybe | ListOf):
        t = t.inner if isinstance(t, Maybe) else t.item
    return media_kinds(t)
