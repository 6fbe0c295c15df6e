"""Checks each node against its spec: parameters, axes and options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace

from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.context import Context, chains
from callsheet.dsl.expression.filter_types import plain
from callsheet.dsl.expression.infer import infer, is_null
from callsheet.dsl.graph import Options
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.choice import ChoiceSpec, decl_for
from callsheet.dsl.resolve.recipe import RecipeSpec
from callsheet.dsl.syntax.ast import NodeDecl, OutputDecl, Value, expressions_in
from callsheet.dsl.values.bindings import Constant, Maker, compile_value, is_late
from callsheet.dsl.values.inputs import Inputs, from_list_file, takes_list
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.spec.node import NodeSpec
from callsheet.spec.rules import inputs as input_rules
from callsheet.spec.rules import instances as rules
from callsheet.spec.rules import models as model_rules
from callsheet.spec.rules import recipes as recipe_rules
from callsheet.spec.rules import values as value_rules
from callsheet.spec.types import BOOLEAN, JSON, STRING, Field


@dataclass(frozen=True, slots=True)
class CheckedNode:
    """A node without errors, ready to expand. places: parameter → where it is written.

    choice: gives the model of an instance, for a node that chooses among `options`: model → the node with it.
    """

    decl: NodeDecl
    spec: NodeSpec
    axes: tuple[str, ...]
    params: Mapping[str, Maker]
    places: Mapping[str, Span]
    when: Maker
    choice: Maker | None = None
    options: Mapping[str, CheckedNode] = field(default_factory=dict)


class Checker:
    """Checks the nodes and outputs of one document in its context."""

    def __init__(
        self,
        resolved: ResolvedDocument,
        inputs: Inputs,
        axes: Mapping[str, ResolvedAxis],
        find: Callable[[str], NodeSpec | None],
        deferred: frozenset[str] = frozenset(),
    ) -> None:
        """deferred: see `Context.deferred`; the axes over such inputs are found here."""
        self.document, self.types, self.nesting = resolved.document, resolved.types, resolved.nesting
        self.inputs, self.axes, self.find, self.origin = inputs, axes, find, resolved.origin
        self.deferred = self._with_axes(deferred)

    def _with_axes(self, deferred: frozenset[str]) -> frozenset[str]:
        for name in self.nesting.order if deferred else ():
            context = Context(self.inputs.types, {}, {}, deferred=deferred)
            over = self.document.axes[name].over
            if any(True for e in expressions_in(over) for _ in chains(e, context)):
                deferred |= {name}
        return deferred

    def node(self, decl: NodeDecl, spec: NodeSpec | None, report: Report) -> CheckedNode | None:
        """The node ready to expand; None after an error, which is reported."""
        own = Report()
        axes = self._each(decl, own)
        self._needs(decl, own)
        context = self._context(axes, decl.name)
        when = self._when(decl, context, own)
        if isinstance(spec, RecipeSpec):
            _only_what_a_recipe_takes(decl, own)
        elif spec is not None and decl.override:
            own.add(decl.override[0].key.span, recipe_rules.override_outside_recipe())
        if isinstance(spec, ChoiceSpec):
            found: CheckedNode | None = self._options(
                CheckedNode(decl, spec, axes, {}, {}, when), context, own
            )
        else:
            params, places = self._params(decl, spec, replace(context, sends=_sends(spec)), own)
            for name in spec.recipe.deciding & params.keys() if isinstance(spec, RecipeSpec) else ():
                if is_late(params[name]):
                    own.add(places[name], model_rules.late_choice_inside(name))
            found = None if spec is None else CheckedNode(decl, spec, axes, params, places, when)
        report.merge(own)
        return None if own.failed or any(axis not in self.axes for axis in axes) else found

    def _options(self, node: CheckedNode, context: Context, report: Report) -> CheckedNode:
        """The node with each of its models. What is wrong with all of them is reported once."""
        choice, decl = node.spec, node.decl
        assert isinstance(choice, ChoiceSpec) and decl.choice is not None
        options: dict[str, CheckedNode] = {}
        reports: dict[str, Report] = {}
        for uses, spec in choice.options.items():
            own = replace(self.types[decl.name], spec=spec, chooses=False)
            inside = replace(context, sends=_sends(spec), nodes={**self.types, decl.name: own})
            reports[uses], mine = Report(), decl_for(decl, spec, choice)
            params, places = self._params(mine, spec, inside, reports[uses])
            options[uses] = replace(node, spec=spec, params=params, places=places)
        for uses, found in reports.items():
            for diagnostic in found.sorted():
                everywhere = all(diagnostic in other.sorted() for other in reports.values())
                told = diagnostic.message if everywhere else f"with `{uses}`: {diagnostic.message}"
                report.include(replace(diagnostic, message=told))
        chosen = compile_value(decl.choice, Field(STRING), context, report)
        return replace(node, choice=chosen, options=options)

    def output(self, decl: OutputDecl, report: Report) -> Maker | None:
        own = Report()
        maker = compile_value(decl.value, Field(JSON), self._context(self.document.each, ""), own)
        report.merge(own)
        return None if own.failed else maker

    def _context(self, axes: tuple[str, ...], node: str) -> Context:
        items = {axis: self.axes[axis].item if axis in self.axes else JSON for axis in axes}
        every, around = self.document.axis_lists, self.nesting.around
        deferred = self.deferred | self.nesting.dynamic
        known = Context(self.inputs.types, items, self.types, every, node, around, self.find, deferred)
        return replace(known, rows=self.document.each)

    def _each(self, decl: NodeDecl, report: Report) -> tuple[str, ...]:
        names: dict[str, None] = {}
        for axis in decl.each:
            if axis.text not in self.document.axes:
                report.add(axis.span, rules.no_such_axis(axis.text, list(self.document.axes)))
            elif axis.text in names:
                report.add(axis.span, rules.axis_twice(axis.text))
            else:
                names[axis.text] = None
        return self.nesting.closed(names)

    def _needs(self, decl: NodeDecl, report: Report) -> None:
        for name in decl.needs:
            if name.text == decl.name:
                report.add(name.span, rules.needs_itself(decl.name))
            elif name.text not in self.types:
                report.add(name.span, rules.no_such_node(name.text, list(self.types)))

    def _params(
        self, decl: NodeDecl, spec: NodeSpec | None, context: Context, report: Report
    ) -> tuple[dict[str, Maker], dict[str, Span]]:
        makers: dict[str, Maker] = {}
        places: dict[str, Span] = {}
        for key, value in decl.params.entries if decl.params else ():
            name = spec.aliases.get(key.text, key.text) if spec else key.text
            wanted = spec.inputs.get(name) if spec else Field(JSON)
            if wanted is None:
                assert spec is not None
                report.add(key.span, value_rules.unknown_parameter(spec.uses, key.text, spec.inputs))
                wanted = Field(JSON)
            elif name in makers:
                report.add(key.span, value_rules.parameter_twice(key.text, name))
            elif isinstance(spec, RecipeSpec) and (instead := spec.recipe.document.inputs[name].deprecated):
                report.add(key.span, input_rules.deprecated_input(name, instead))
            own = Report() if name in decl.inherited else report
            maker = self._maker(name, value, wanted, spec, context, own)
            if name in decl.inherited and own.failed:
                dropped = model_rules.value_dropped(decl.uses.text, key.text, value.span.text[:40])
                report.add(decl.uses.span, dropped)
                continue
            makers[name] = maker
            places[name] = value.span
        for name, wanted in spec.inputs.items() if spec else ():
            if wanted.required and name not in makers:
                report.add(decl.uses.span, value_rules.missing_parameter(name, wanted.type))
        return makers, places

    def _maker(
        self, name: str, value: Value, wanted: Field, spec: NodeSpec | None, context: Context, report: Report
    ) -> Maker:
        match value:
            case YamlScalar(value=str()) if isinstance(spec, RecipeSpec) and takes_list(wanted):
                return Constant(from_list_file(name, wanted, value, self.origin, report))
        return compile_value(value, wanted, context, report, self.origin, name)

    def _when(self, decl: NodeDecl, context: Context, report: Report) -> Maker:
        if decl.when is None:
            return Constant(True)
        if isinstance(decl.when, YamlScalar):
            return Constant(decl.when.value)
        expression = decl.when
        found = plain(infer(expression, context, report))
        if any(True for _ in chains(expression, replace(context, deferred=frozenset()))):
            report.add(expression.span, rules.when_of_output())
        elif expression.native is None or found not in (BOOLEAN, JSON) or is_null(expression.native):
            report.add(expression.span, rules.when_of_another_type())
        return compile_value(expression, Field(JSON), context, Report())


def _sends(spec: NodeSpec | None) -> bool:
    """Whether a parameter may leave this machine."""
    return spec is None or (spec.provider != "local" and spec.perform is None)


def _only_what_a_recipe_takes(decl: NodeDecl, report: Report) -> None:
    """Refuse options that a node with a recipe cannot have: all but `cache` and `retry`."""
    if decl.fallback or is_alternative(decl.name):
        report.add(decl.uses.span, model_rules.recipe_as_alternative())
    for option in fields(Options):
        if (
            option.name in ("cache", "attempts", "retried", "pause")
            or getattr(decl.options, option.name) == option.default
        ):
            continue
        report.add(decl.key.span, model_rules.option_of_recipe(option.name))
