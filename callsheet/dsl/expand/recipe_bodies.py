"""What all uses of recipes in a graph share: bodies that are checked once, and the room that is left."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.check.nodes import CheckedNode, Checker
from callsheet.dsl.check.source_map import Origins
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expand.expand import MAX_INSTANCES, Expansion
from callsheet.dsl.resolve.recipe import Recipe
from callsheet.dsl.values.bindings import Maker
from callsheet.dsl.values.inputs import Inputs
from callsheet.spec.node import NodeSpec
from callsheet.spec.rules import instances as rules
from callsheet.spec.types import Type

MAX_USES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Body:
    """A recipe checked for certain inputs: those that are late, and the types of its axes' items.

    whole: whether it is sound, and all of its nodes are among those that are checked.
    """

    late: frozenset[str]
    items: Mapping[str, Type]
    checked: Mapping[str, CheckedNode]
    outputs: Mapping[str, Maker]
    report: Report
    whole: bool


@dataclass(slots=True)
class Workbench:
    """What all uses of a graph share: bodies that are checked, how many instances there may still be.

    lists: those that came for axes inside of recipes, by their address. others: node → its alternatives.
    """

    find: Callable[[str], NodeSpec | None]
    room: int
    uses: int = field(default_factory=lambda: MAX_USES)
    lists: Mapping[str, object] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    bodies: dict[int, list[Body]] = field(default_factory=dict)
    origins: Origins = field(default_factory=Origins)

    def body(
        self, recipe: Recipe, inputs: Inputs, axes: Mapping[str, ResolvedAxis], late: frozenset[str]
    ) -> Body:
        """The recipe's nodes and outputs, checked once for the same kind of inputs."""
        items = {name: axis.item for name, axis in axes.items()}
        known = self.bodies.setdefault(id(recipe), [])
        for body in known:
            if body.late == late and body.items == items:
                return body
        known.append(_check(recipe, inputs, axes, items, late, self.find))
        self.origins.nodes.update((node.decl.span, node) for node in known[-1].checked.values())
        return known[-1]

    def take(self, expansion: Expansion, span: Span) -> None:
        """Take the room that the expansion needs. Raises RuleBroken."""
        self.room -= expansion.count()
        self.uses -= 1
        if self.room < 0:
            raise RuleBroken(span, rules.too_many(MAX_INSTANCES))
        if self.uses < 0:
            raise RuleBroken(span, rules.too_many_recipes(MAX_USES))


def _check(
    recipe: Recipe,
    inputs: Inputs,
    axes: Mapping[str, ResolvedAxis],
    items: Mapping[str, Type],
    late: frozenset[str],
    find: Callable[[str], NodeSpec | None],
) -> Body:
    report, document = Report(), recipe.document
    checker = Checker(document, inputs, axes, recipe.nodes, recipe.nesting, find, recipe.origin, late)
    nodes = {n: checker.node(decl, recipe.specs.get(n), report) for n, decl in document.nodes.items()}
    makers = {n: checker.output(decl, report) for n, decl in document.outputs.items()}
    checked = {n: node for n, node in nodes.items() if node is not None}
    outputs = {n: maker for n, maker in makers.items() if maker is not None}
    whole = not report.failed and len(checked) == len(document.nodes)
    return Body(late, items, checked, outputs, report, whole)
