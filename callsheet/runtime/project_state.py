"""The state of a pipeline between runs: its results, and what people decided about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.lock import Decision, Lock
from callsheet.runtime.lock.author import signed
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.plan.history import Find, nothing
from callsheet.runtime.workspace import Workspace
from callsheet.spec.suggest import suggest

Outputs = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProjectState:
    """A pipeline between runs. lock_file: with picks and approvals. outputs: address → outputs, for the
    instances that are made. keys: address → key, where it is known."""

    graph: Graph
    lock_file: LockFile
    outputs: Mapping[str, Outputs]
    keys: Mapping[str, str] = field(default_factory=dict)

    @property
    def lock(self) -> Lock:
        """The content of the lock file."""
        return self.lock_file.lock

    def named(self, names: Iterable[str]) -> list[Instance]:
        """The instances that these addresses and node names mean, each once; of several takes, the picked
        one.

        Raises InputError for an unknown name.
        """
        found: dict[str, Instance] = {}
        for name in names:
            meant = {a: i for a, i in self.graph.instances.items() if i.is_meant(name)}
            if not meant:
                raise self._unknown(name)
            found |= meant
        return list(found.values())

    def takes(self, names: Iterable[str]) -> list[Instance]:
        """Every take of the instances that these addresses and node names mean. Raises InputError for an
        unknown name."""
        bases = dict.fromkeys(instance.base for instance in self.named(names))
        return [i for i in self.graph.instances.values() if i.base in bases]

    def one(self, address: str) -> list[Instance]:
        """The takes of the one instance that `address` means. Raises InputError when it means several."""
        found = self.takes([address])
        if len({instance.base for instance in found}) > 1:
            names = ", ".join(dict.fromkeys(instance.base for instance in found[:5]))
            raise InputError(f"{address} is several instances", f"name one of them: {names}")
        return found

    def decide(self, address: str, decision: Decision) -> None:
        """Write a decision into the lock file, with who makes it and when. Raises StoreError."""
        signed_one = signed(decision, self.graph.path.parent)
        self.write(self.lock.with_decision(address, signed_one))

    def write(self, lock: Lock) -> None:
        """Write the lock file. Raises StoreError."""
        self.lock_file.write(lock, self.graph.section.inputs)

    def _unknown(self, name: str) -> InputError:
        if name in self.graph.skipped:
            return InputError(f"{name} is not made: its when is false")
        nodes = dict.fromkeys(i.node for i in self.graph.instances.values())
        hint = suggest(name, [*nodes, *self.graph.instances], "nodes") or f"the nodes are {', '.join(nodes)}"
        return InputError(f"there is no node or instance {name} in this pipeline", hint)


def decisions(graph: Graph, workspace: Workspace) -> ProjectState:
    """The state of `graph` for a decision. Results are looked up only if the graph depends on them.

    Raises PipelineError for a lock file that cannot be read.
    """
    if graph.dynamic is not None:
        return project_state(graph, workspace)
    return ProjectState(graph, workspace.lock_file(graph.path, graph.section.name), {})


def project_state(
    graph: Graph, workspace: Workspace, preview: bool = False, elsewhere: Find = nothing
) -> ProjectState:
    """The state of `graph`, with the results of earlier runs. preview: with the results of previews instead.
    elsewhere: finds further results by key.

    Raises PipelineError for a lock file that cannot be read.
    """
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare

    prepared = prepare(
        graph, workspace, RunOptions(preview=preview), fetch=False, approvals=False, elsewhere=elsewhere
    )
    here = {f.step.address: f.outputs for f in prepared.plan.forecasts if f.outputs is not None}
    keys = {f.step.address: f.key for f in prepared.plan.forecasts if f.key}
    return ProjectState(prepared.graph, workspace.lock_file(graph.path, graph.section.name), here, keys)
