"""From an instance back to what it was written as."""

from __future__ import annotations

from dataclasses import dataclass, field

from callsheet.dsl.address import steps
from callsheet.dsl.check.nodes import CheckedNode
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.graph import Instance


@dataclass(frozen=True, slots=True)
class SourceMap:
    """Where instances come from. nodes: by the place of each in its file. uses: by what their addresses begin
    with, where the recipe is used; see `Findings.used`."""

    nodes: dict[Span, CheckedNode] = field(default_factory=dict)
    uses: dict[str, tuple[Span, ...]] = field(default_factory=dict)

    def node(self, instance: Instance) -> CheckedNode:
        return self.nodes[instance.span]

    def used(self, instance: Instance) -> tuple[Span, ...]:
        prefix = "".join(f"{step}/" for step in steps(instance.address)[:-1])
        return self.uses.get(prefix, ())
