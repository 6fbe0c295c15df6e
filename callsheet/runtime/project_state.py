"""How a pipeline stands between runs: what of it is here, and what people have decided."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.lock import Lock
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.workspace import Workspace
from callsheet.spec.suggest import suggest

Outputs = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class ProjectState:
    """outputs: address → what came of it, of what is here."""

    graph: Graph
    lock_file: LockFile
    outputs: Mapping[str, Outputs]

    @property
    def lock(self) -> Lock:
        """What the lock file says."""
        return self.lock_file.lock

    def named(self, names: Iterable[str]) -> list[Instance]:
        """The instances that these addresses and node names mean, each once; of several takes the one that
        counts. Raises InputError."""
        found: dict[str, Instance] = {}
        for name in names:
            meant = {a: i for a, i in self.graph.instances.items() if i.is_meant(name)}
            if not meant:
                raise self._unknown(name)
            found |= meant
        return list(found.values())

    def takes(self, names: Iterable[str]) -> list[Instance]:
        """Every take of what these addresses and node names mean. Raises InputError."""
        bases = dict.fromkeys(instance.base for instance in self.named(names))
        return [i for i in self.graph.instances.values() if i.base in bases]

    def one(self, address: str) -> list[Instance]:
        """The takes of the one instance that `address` means. Raises InputError when it means several."""
        found = self.takes([address])
        if len({instance.base for instance in found}) > 1:
            names = ", ".join(dict.fromkeys(instance.base for instance in found[:5]))
            raise InputError(f"{address} is several instances", f"name one of them: {names}")
        return found

    def write(self, lock: Lock) -> None:
        """Keep what was decided. Raises StoreError."""
        self.lock_file.write(lock)

    def _unknown(self, name: str) -> InputError:
        if name in self.graph.skipped:
            return InputError(f"{name} is not made: its when is false")
        nodes = dict.fromkeys(i.node for i in self.graph.instances.values())
        hint = suggest(name, [*nodes, *self.graph.instances], "nodes") or f"the nodes are {', '.join(nodes)}"
        return InputError(f"there is no node or instance {name} in this pipeline", hint)


def decisions(graph: Graph, workspace: Workspace) -> ProjectState:
    """What people decided about `graph`. What is here is looked at only where its instances depend on it.

    Raises PipelineError for a lock that cannot be read.
    """
    if graph.dynamic is not None:
        return project_state(graph, workspace)
    return ProjectState(graph, workspace.lock_file(graph.path), {})


def project_state(graph: Graph, workspace: Workspace, preview: bool = False) -> ProjectState:
    """How `graph` stands, with what earlier runs left; preview: with what previews made.

    Raises PipelineError for a lock that cannot be read.
    """
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare

    prepared = prepare(graph, workspace, RunOptions(preview=preview), fetch=False, approvals=False)
    here = {
        f.step.address: f.outputs
        for f in prepared.plan.forecasts
        if f.action == "reuse" and f.outputs is not None
    }
    return ProjectState(prepared.graph, workspace.lock_file(graph.path), here)
