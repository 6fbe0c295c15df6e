"""From an instance back to the place where it was written."""

from __future__ import annotations

from dataclasses import dataclass, field

from callsheet.dsl.address import steps
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.graph import Instance


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Where instances were written.

    nodes: place in a file → the node there. uses: the prefix of addresses inside of a recipe → where the
    recipe is used; see `Report.used`.
    """

    nodes: dict[Span, CheckedNode] = field(default_factory=dict)
    uses: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def node(self, instance: Instance) -> CheckedNode:
        node = self.nodes[instance.span]
        return node.options.get(instance.spec.uses, node)

    def used(self, instance: Instance) -> tuple[Span, ...]:
        prefix = "".join(f"{step}/" for step in steps(instance.address)[:-1])
        return self.uses.get(prefix, ())
