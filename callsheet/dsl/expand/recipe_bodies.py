"""What all uses of recipes in a graph share: recipes that are checked once, and limits on their number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.check.document import CheckedDocument, check_document
from callsheet.dsl.check.source_map import SourceMap
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expand.expansion import Expansion
from callsheet.dsl.resolve.alternatives import alternatives_in
from callsheet.dsl.resolve.more_specs import specs_at
from callsheet.dsl.resolve.recipe import Recipe
from callsheet.dsl.values.inputs import Inputs
from callsheet.spec.node import Specs
from callsheet.spec.rules import instances as rules
from callsheet.spec.types import Type

MAX_USES: Final = 50_000


@dataclass(frozen=True, slots=True)
class Body:
    """A recipe that was checked for one kind of inputs.

    deferred: the inputs that are known only during the run. items: axis → the type of its elements.
    """

    deferred: frozenset[str]
    items: Mapping[str, Type]
    checked: CheckedDocument
    report: Report

    @property
    def sound(self) -> bool:
        return self.checked.complete and not self.report.failed


@dataclass(slots=True)
class RecipeBodies:
    """The checked recipes of a graph.

    specs: looks up endpoints. remaining, uses: how many instances and uses of recipes the graph may still
    have. lists: lists that came for axes inside of recipes, by their address. others: node → its
    alternatives. source_map: where the instances were written.
    """

    specs: Specs
    remaining: int
    uses: int = field(default_factory=lambda: MAX_USES)
    lists: Mapping[str, object] = field(default_factory=dict)
    others: dict[str, list[str]] = field(default_factory=dict)
    checked: dict[int, list[Body]] = field(default_factory=dict)
    source_map: SourceMap = field(default_factory=SourceMap)

    def body(
        self, recipe: Recipe, inputs: Inputs, axes: Mapping[str, ResolvedAxis], deferred: frozenset[str]
    ) -> Body:
        """The checked recipe; it is checked once for each kind of inputs."""
        items = {name: axis.item for name, axis in axes.items()}
        known = self.checked.setdefault(id(recipe), [])
        for body in known:
            if body.deferred == deferred and body.items == items:
                return body
        report = Report()
        find = specs_at(self.specs, recipe.resolved.origin).find
        checked = check_document(recipe.resolved, inputs, axes, find, report, deferred)
        known.append(Body(deferred, items, checked, report))
        self.source_map.nodes.update((node.decl.span, node) for node in checked.nodes.values())
        return known[-1]

    def reserve(self, expansion: Expansion, span: Span) -> None:
        """Count the instances of one more use. Raises RuleBroken when there are too many."""
        self.remaining -= expansion.count()
        self.uses -= 1
        if self.remaining < 0:
            raise RuleBroken(span, rules.too_many(expansion.placement.most))
        if self.uses < 0:
            raise RuleBroken(span, rules.too_many_recipes(MAX_USES))


def bodies_for(expansion: Expansion, specs: Specs) -> RecipeBodies:
    """The recipes of a pipeline, none of them checked yet."""
    bodies = RecipeBodies(specs, expansion.placement.most - expansion.count())
    bodies.others.update(alternatives_in(expansion.checked))
    bodies.source_map.nodes.update((node.decl.span, node) for node in expansion.checked.values())
    return bodies
