"""What the lock files of one state of a project say of a film: which of its requests are paid already."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import PipelineError
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.lock.approvals import OPEN
from callsheet.runtime.lock.lines import Result
from callsheet.runtime.lock.model import Lock, Made
from callsheet.runtime.lock.named_results import NamedResults
from callsheet.runtime.lock.read import read
from callsheet.runtime.plan.assume_lock import outputs_in_lock
from callsheet.runtime.plan.draft import Draft
from callsheet.runtime.plan.dynamic_graph import DynamicGraph
from callsheet.runtime.plan.forecast import Forecast, forecast
from callsheet.runtime.plan.history import EarlierRuns, OtherResults
from callsheet.runtime.plan.known_plan import known_plan
from callsheet.runtime.plan.lock_drift import compare
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.plan.providers import workers_for, workers_in
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import LOCK, OUT, STATE, lock_path

Results = Mapping[str, Made]
"""Key of a request → its result."""
NOWHERE: Final = (STATE, ".git", OUT.name)
"""Folders without films."""


@dataclass(frozen=True, slots=True)
class Locked:
    """What lock files say of a film, without any result at hand: every machine says the same.

    is_there: whether the film has a lock file. keys: address → key of its request, where lock files tell
    enough to know it. results: of all requests that they name. differences: how the film differs from its own
    lock file, a sentence each; local work is not compared.
    """

    is_there: bool = False
    keys: Mapping[str, str] = field(default_factory=dict)
    results: Results = field(default_factory=dict)
    differences: tuple[str, ...] = ()

    def result(self, address: str) -> Made | None:
        """The result of the instance at `address`, whatever address it has in a lock file."""
        return self.results.get(self.keys.get(address, ""))


def locked(graph: Graph, results: Results) -> Locked:
    """What the lock file beside the pipeline of `graph` says, and `results`, those of other lock files.

    Raises PipelineError for a lock file that cannot be read.
    """
    with (
        tempfile.TemporaryDirectory(prefix="callsheet-") as name,
        Workspace(state=Path(name)) as nothing_here,
    ):
        own = nothing_here.lock_file(graph.path, graph.section.name).lock
        more = replace(own, elsewhere=(*own.elsewhere, *results.values()))
        seen = _forecasts(graph, nothing_here, more)
    keys = {forecast.step.address: forecast.key for forecast in seen.forecasts if forecast.key}
    is_there = lock_path(graph.path).is_file()
    differences = compare(own, seen.graph, seen.forecasts).differences if is_there else ()
    return Locked(is_there, keys, more.named(), tuple(differences))


def _forecasts(graph: Graph, workspace: Workspace, lock: Lock) -> Plan:
    """What a run would do where nothing is but the lock."""
    dynamic, cache = DynamicGraph(graph), workspace.cache()
    workers = workers_in(workers_for(dynamic.chosen, False))
    others = OtherResults(outputs_in_lock(lock))
    files = LocalFiles(cache.store.inspector)

    def forecasts_of(work: Draft) -> tuple[Forecast, ...]:
        earlier = EarlierRuns(cache, None, others, graph.name, NamedResults(cache, lock))
        return forecast(work, earlier, workers, files)

    return known_plan(dynamic, forecasts_of, workers, None, OPEN)


def results_in(folder: Path) -> dict[str, Made]:
    """The results that the lock files in `folder` name. One that cannot be read names none."""
    found: dict[str, Made] = {}
    for path in sorted(_lock_files(folder)):
        try:
            lines = read(path).lines
        except PipelineError:
            continue
        for line in lines:
            if isinstance(line, Result):
                found.setdefault(line.made.key, line.made)
    return found


def _lock_files(folder: Path) -> Iterator[Path]:
    for path in folder.rglob(f"*{LOCK}"):
        if path.is_file() and not any(part in NOWHERE for part in path.relative_to(folder).parts[:-1]):
            yield path
