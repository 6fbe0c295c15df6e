"""A pipeline with axes over outputs of nodes: its graph as far as their lists are known.

Such a list waits for the instances that make it. What needs the list waits for it: instances on its axis,
instances and outputs that gather along it, lists made from these. When a list comes, what waited for it is
expanded, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

from callsheet.dsl.axes.axis import Place
from callsheet.dsl.axes.resolve import lists
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.expand.expansion import Expansion
from callsheet.dsl.expand.expansion_step import ExpansionStep, raise_first, refuse_circle
from callsheet.dsl.expand.fallback import join_alternatives
from callsheet.dsl.expand.pipeline_info import PipelineInfo
from callsheet.dsl.expand.recipe_bodies import RecipeBodies
from callsheet.dsl.expand.recipe_uses import Uses
from callsheet.dsl.expand.takes import with_takes
from callsheet.dsl.expand.upper_bound import unknown
from callsheet.dsl.graph import Graph, Instance, PendingList, Unknown
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.choice import providers_of
from callsheet.dsl.resolve.recipe import RecipeSpec
from callsheet.spec.node import NodeSpec
from callsheet.spec.values import NotThere, addresses_in


@dataclass(frozen=True, slots=True)
class DynamicExpansion:
    """The part of a graph that is known so far, and what waits for lists that are not.

    uses: the uses of recipes. held: instances that are known, but need others that are not. waiting_lists,
    waiting_instances: the place of an unknown list → the lists and instances that need it. inner: lists of
    axes inside of recipes that came, address → keys.
    """

    info: PipelineInfo
    expansion: Expansion
    bodies: RecipeBodies
    uses: Uses | None = None
    instances: Mapping[str, Instance] = field(default_factory=dict)
    skipped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    outputs: Mapping[str, object] = field(default_factory=dict)
    held: Mapping[str, Instance] = field(default_factory=dict)
    pending: Mapping[str, PendingList] = field(default_factory=dict)
    inner: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    waiting_lists: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)
    waiting_instances: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)

    @property
    def unknown_outputs(self) -> Mapping[str, tuple[str, ...]]:
        return {name: o.nodes for name, o in self.info.outputs.items() if name not in self.outputs}

    @property
    def inputs(self) -> Mapping[str, object]:
        return self.expansion.inputs.values

    @property
    def providers(self) -> frozenset[str]:
        deferred = {name for name, axis in self.expansion.axes.items() if axis.dynamic}
        waiting = {name for places in self.waiting_instances.values() for name, _ in places}
        waiting |= {instance.node.partition("/")[0] for instance in self.held.values()}
        checked = self.expansion.checked.items()
        nodes = [node for name, node in checked if name in waiting or not deferred.isdisjoint(node.axes)]
        return frozenset().union(*(_providers(node.spec) for node in nodes))

    def unknown(self) -> tuple[Unknown, ...]:
        waiting = dict.fromkeys(place for places in self.waiting_instances.values() for place in places)
        assert self.uses is not None
        found = unknown(self.uses, waiting, self.held.values(), self.info.sources)
        return tuple(one for one in found if not is_alternative(one.node))

    def redirected(self, to: Callable[[object], object]) -> DynamicExpansion:
        pending = {address: _pointed(found, to(found.tree)) for address, found in self.pending.items()}
        return replace(self, pending=pending)

    def stuck(self) -> dict[str, Instance]:
        """The held instances, with the instances that make the lists they wait for among their needs.

        A circle among these would wait forever.
        """
        assert self.uses is not None
        lacking = dict(self.uses.lacks())
        for (listed, _), places in self.waiting_instances.items():
            shapes = ((self.expansion.shapes[name], point) for name, point in places)
            lacking.update((shape.address(point), listed) for shape, point in shapes)
        makers = {a: self.pending[listed].needs for a, listed in lacking.items() if listed in self.pending}
        return {
            address: replace(
                held, needs=(*held.needs, *(maker for need in held.needs for maker in makers.get(need, ())))
            )
            for address, held in self.held.items()
        }

    def extended(self, lists: Mapping[str, object]) -> Graph:
        findings = Report()
        after = ExpansionStep(self, lists).after()
        refuse_circle(after.stuck())
        graph = join_alternatives(after.without_takes(), findings)
        graph = with_takes(graph, self.info.decided, findings)
        raise_first(findings)
        return graph

    def without_takes(self) -> Graph:
        """The graph of what is known, before takes are added."""
        outputs = {name: tree for name, tree in self.outputs.items() if not isinstance(tree, NotThere)}
        waiting = (self.pending, self.waiting_lists, self.waiting_instances, self.held, self.unknown_outputs)
        return Graph(
            name=self.info.name,
            path=self.info.path,
            instances=self.instances,
            outputs={name: outputs[name] for name in self.info.outputs if name in outputs},
            skipped=tuple(a for node in (*self.expansion.checked, "") for a in self.skipped.get(node, ())),
            axes={**dict(lists(self.expansion.axes)), **self.inner},
            description=self.info.description,
            budget=self.info.budget,
            dynamic=self if any(waiting) else None,
            section=self.info.section,
            rows=self.info.rows,
        )


def begin(info: PipelineInfo, expansion: Expansion, bodies: RecipeBodies) -> DynamicExpansion:
    """The expansion before anything has run. Errors of single instances are among its findings.

    Raises RuleBroken when there are too many instances.
    """
    return ExpansionStep(DynamicExpansion(info, expansion, bodies), {}, first=True).after()


def _providers(spec: NodeSpec) -> frozenset[str]:
    return spec.recipe.providers if isinstance(spec, RecipeSpec) else providers_of(spec)


def _pointed(found: PendingList, tree: object) -> PendingList:
    return replace(found, tree=tree, needs=addresses_in(tree))
