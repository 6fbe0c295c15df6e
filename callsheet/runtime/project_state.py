"""The state of a pipeline between runs: its results, and what people decided about them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError
from callsheet.runtime.graph.spelling import spelled
from callsheet.runtime.lock import Decision, Lock
from callsheet.runtime.lock.author import signed
from callsheet.runtime.lock.lock_file import LockFile
from callsheet.runtime.plan.history import Find, nothing
from callsheet.runtime.remote_store.session import RemoteSession
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.media import Artifact
from callsheet.spec.suggest import suggest
from callsheet.spec.values import leaves

Outputs = Mapping[str, object]
PAST: Final = {"approve": "approved", "reject": "rejected"}


@dataclass(frozen=True, slots=True)
class ProjectState:
    """A pipeline between runs. lock_file: with picks and approvals. outputs: address → outputs, for the
    instances that are made. keys: address → key, where it is known. alternatives: the number of the
    alternative that made a result, where it was not the first. unneeded: addresses for which a run makes
    nothing: rejected ones, and those that only an alternative needs. remote: the shared store; files of
    results that are only there are not here yet, see `with_files`.
    """

    graph: Graph
    lock_file: LockFile
    outputs: Mapping[str, Outputs]
    keys: Mapping[str, str] = field(default_factory=dict)
    alternatives: Mapping[str, int] = field(default_factory=dict)
    unneeded: frozenset[str] = frozenset()
    remote: RemoteSession | None = None

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
        for name in (spelled(self.graph, name) for name in names):
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

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be taken from the shared store, for the user."""
        return self.remote.problems if self.remote else ()

    def with_files(self, instances: Iterable[Instance]) -> ProjectState:
        """The state with the files of these results on this machine; results whose files the shared store
        does not give are not made. Raises StoreError."""
        outputs = dict(self.outputs)
        for instance in instances:
            address, found = instance.address, outputs.get(instance.address, {})
            if self.remote is None or all(a.path.is_file() for a in leaves(found, Artifact)):
                continue
            spec = instance.as_alternative(self.alternatives.get(address, 0)).spec
            brought = self.remote.bring(self.keys[address], spec)
            if brought is None:
                del outputs[address]
            else:
                outputs[address] = brought
        return replace(self, outputs=outputs)

    def lacks(self, instance: Instance, verb: str) -> InputError:
        """The error for an instance without a result that a person could `verb`."""
        address, made = instance.address, self.lock.block(instance.address).made
        key = self.keys.get(address, "")
        run = f"make it: {shell.command(['callsheet', 'run', str(self.graph.path)])}"
        if made is None:
            return InputError(f"{address} is not made yet, so there is no result to {verb}", run)
        if key and key not in self.lock.named():
            changed = f"{address} has changed since it was made, so there is no result to {verb} yet"
            return InputError(changed, run)
        why = f": {self.notes[0]}" if self.notes else ""
        what = "its result" if key else "its result, or what it is made from,"
        return InputError(
            f"{what} is not on this machine, so {address} cannot be {PAST[verb]}{why}",
            f"name the store that has it (--store PLACE, or CALLSHEET_STORE), or {run}",
        )

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


def decisions(graph: Graph, workspace: Workspace, store: str = "") -> ProjectState:
    """The state of `graph` for a decision. Results are looked up only if the graph depends on them.

    Raises PipelineError for a lock file that cannot be read.
    """
    if graph.dynamic is not None:
        return project_state(graph, workspace, store=store)
    return ProjectState(graph, workspace.lock_file(graph.path, graph.section.name), {})


def project_state(
    graph: Graph,
    workspace: Workspace,
    preview: bool = False,
    elsewhere: Find = nothing,
    store: str = "",
) -> ProjectState:
    """The state of `graph`, with the results of earlier runs. preview: with the results of previews instead.
    elsewhere: finds further results by key. store: the folder or URL of a shared store, whose results count.

    Raises PipelineError for a lock file that cannot be read, InputError for a store that nothing reaches.
    """
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare

    prepared = prepare(
        graph,
        workspace,
        RunOptions(preview=preview, store=store, without=True),
        fetch=False,
        approvals=False,
        elsewhere=elsewhere,
    )
    forecasts = prepared.plan.forecasts
    here = {f.step.address: f.outputs for f in forecasts if f.outputs is not None}
    keys = {f.step.address: f.key for f in forecasts if f.key}
    alternatives = {f.step.address: f.alternative for f in forecasts if f.alternative}
    lock_file = workspace.lock_file(graph.path, graph.section.name)
    unneeded = frozenset(f.step.address for f in forecasts if f.action in ("declined", "skipped"))
    return ProjectState(prepared.graph, lock_file, here, keys, alternatives, unneeded, prepared.remote)
