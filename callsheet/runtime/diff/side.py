"""One state of a film: its plan, its instances' requests, and keys that do not depend on names."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.dsl.graph import Graph, LocalFile
from callsheet.runtime import disk
from callsheet.runtime.diff.request import Files, Requests
from callsheet.runtime.plan import Plan, Step


@dataclass(frozen=True, slots=True)
class Side:
    """label: what a person calls this state. plan: None where the file is not there.

    steps: by address, each after all it needs. keys: address → the key of its whole history, with outputs
    standing for what they will be.
    """

    label: str
    plan: Plan | None
    requests: Requests
    steps: Mapping[str, Step] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def graph(self) -> Graph | None:
        return self.plan.graph if self.plan else None


def side_of(label: str, plan: Plan | None) -> Side:
    """The state that `plan` describes; the user's own files are read now."""
    if plan is None:
        return Side(label, None, Requests({}, {}))
    requests = Requests(plan.graph.instances, digests_of(plan.graph))
    found: dict[str, str] = {}
    for step in plan.steps:
        found[step.address] = requests.key(step.address, lambda need: found.get(need, need))
    return Side(label, plan, requests, {step.address: step for step in plan.steps}, found)


def digests_of(graph: Graph) -> Files:
    """The digest of every file of the user's that the graph uses; "" for one that cannot be read."""
    found: dict[Path, str] = {}
    for instance in graph.instances.values():
        others = [dict(other.params) for other in instance.alternatives]
        for file in _files_in([dict(instance.params), *others]):
            if file.path not in found:
                with contextlib.suppress(OSError):
                    found[file.path] = disk.digest(file.path)
    return found


def _files_in(value: object) -> Iterator[LocalFile]:
    match value:
        case LocalFile():
            yield value
        case dict():
            for v in value.values():
                yield from _files_in(v)
        case list() | tuple():
            for v in value:
                yield from _files_in(v)
