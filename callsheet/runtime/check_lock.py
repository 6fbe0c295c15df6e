"""Compares a pipeline with its lock file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.lock.sections import sections_in
from callsheet.runtime.plan.assume_lock import outputs_in_lock
from callsheet.runtime.plan.lock_drift import compare
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.workspace import Workspace


@dataclass(frozen=True, slots=True)
class LockDrift:
    """How a lock file differs from its pipeline. differences: sentences, each about one address or endpoint.
    unclear: the addresses that cannot be compared, because what they are made from is not here. left: the
    addresses of results that nothing asks for. others: sections for other inputs, which were not compared.
    schemas: the endpoints whose schema has changed since the lock file was written, which makes no difference
    to what was made."""

    path: Path
    differences: tuple[str, ...]
    unclear: tuple[str, ...]
    left: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    schemas: tuple[str, ...] = ()


def check_lock(workspace: Workspace, graph: Graph, store: str = "") -> LockDrift:
    """Compare `graph` with its lock file. Changes nothing.

    store: the folder or URL of a shared store; what the lock file names of it counts as here.
    Raises PipelineError for a lock file that cannot be read, InputError for a store that cannot be reached.
    """
    file = workspace.lock_file(graph.path, graph.section.name)
    options, known = RunOptions(store=store), outputs_in_lock(file.lock)
    seen = dry_run(graph, workspace, options, approvals=False, elsewhere=known)
    found = compare(file.lock, seen.graph, seen.forecasts)
    others = tuple(name for name in sections_in(file.content.lines) if name != file.section)
    return LockDrift(
        file.path,
        tuple(found.differences),
        tuple(found.unclear),
        left=tuple(found.left),
        others=others,
        schemas=tuple(found.schemas),
    )
