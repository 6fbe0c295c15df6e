"""Compares a pipeline with its lock file."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.lock.sections import sections_in
from callsheet.runtime.plan.assume_lock import outputs_in_lock
from callsheet.runtime.plan.lock_drift import compare
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.settings import settings_of
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


def profiles_in_lock(workspace: Workspace, pipeline: Path) -> tuple[str, ...]:
    """The profiles of the project that the lock file has a section for, "" for none. Only "" without any.

    Raises PipelineError for a lock file or settings that cannot be read.
    """
    there = sections_in(workspace.lock_file(pipeline).content.lines)
    return tuple(name for name in ("", *settings_of(pipeline).profiles) if name in there) or ("",)


def check_lock(
    workspace: Workspace, graph: Graph, store: str = "", besides: Collection[str] = ()
) -> LockDrift:
    """Compare `graph` with its lock file. Changes nothing.

    store: the folder or URL of a shared store; what the lock file names of it counts as here. besides: the
    sections that are compared, too.
    Raises PipelineError for a lock file that cannot be read, InputError for a store that cannot be reached.
    """
    file = workspace.lock_file(graph.path, graph.section.name)
    options, known = RunOptions(store=store), outputs_in_lock(file.lock)
    seen = dry_run(graph, workspace, options, approvals=False, elsewhere=known)
    found = compare(file.lock, seen.graph, seen.forecasts)
    others = tuple(name for name in sections_in(file.content.lines) if name not in (file.section, *besides))
    return LockDrift(
        file.path,
        tuple(found.differences),
        tuple(found.unclear),
        left=tuple(found.left),
        others=others,
        schemas=tuple(found.schemas),
    )
