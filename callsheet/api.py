"""The Python API, the same as the command line: load, check, plan, run."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callsheet.dsl.compiler import compile_file
from callsheet.dsl.diagnostics.diagnostic import Diagnostic, Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Given
from callsheet.errors import PipelineError
from callsheet.trust import TRUST

if TYPE_CHECKING:
    from callsheet.dsl.resolve.recipe_files import Recipes
    from callsheet.runtime.events import Event
    from callsheet.runtime.execute.result import Result
    from callsheet.runtime.plan.survey import Outlook


@dataclass(frozen=True, slots=True)
class Checked:
    """What `check` found. `graph` is None when there are errors."""

    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def ok(self) -> bool:
        return self.graph is not None


STATE: Final = Path(".callsheet")


def check(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: str | Path | None = None,
    trust: bool | None = None,
    picks: bool = True,
    recipes: Recipes | None = None,
) -> Checked:
    """Check a pipeline file.

    sets: input name → text, as `--set` takes it. inputs: a YAML or JSON file of input values. trust: run
    the code files beside the pipeline that it names; importing them is running them. picks: take account of
    the takes that people picked; otherwise the first ones count. recipes: where recipes are looked up; None
    for this machine, the lock beside the file and git.
    Returns every diagnostic of the file, warnings included; raises nothing for the user's mistakes.
    """
    from callsheet.nodes.media.inspector import MediaInspector
    from callsheet.nodes.registry import Registry
    from callsheet.runtime.lock.decisions import decided_in
    from callsheet.runtime.lock.model import lock_path
    from callsheet.runtime.recipes.pinned import PinnedRecipes

    report = Report()
    given = Given(
        dict(sets or {}),
        Path(inputs) if inputs is not None else None,
        trust=TRUST.get() if trust is None else trust,
        decided=decided_in(Path(path), picks, report),
    )
    recipes = recipes or PinnedRecipes(lock_path(Path(path)), STATE)
    graph = compile_file(Path(path), given, Registry(), report, recipes, MediaInspector())
    return Checked(None if report.failed else graph, report.sorted())


def load(
    path: str | Path,
    sets: Mapping[str, str] | None = None,
    inputs: str | Path | None = None,
    trust: bool | None = None,
    picks: bool = True,
) -> Graph:
    """The checked graph of a pipeline file; raises `PipelineError` with every diagnostic."""
    checked = check(path, sets, inputs, trust, picks)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    return checked.graph


def schema(every: bool = False) -> dict[str, Any]:
    """The JSON Schema of pipeline files, for editors.

    It lists the endpoints known by hand, the local operations and the recipes that ship; with `every`, all
    endpoints of the catalogue.
    """
    from callsheet.dsl import editor_schema
    from callsheet.dsl.resolve.recipe_files import shipped
    from callsheet.dsl.resolve.recipe_reference import recipe_spec
    from callsheet.nodes.registry import Registry

    registry = Registry()
    recipes = [recipe_spec(uses, path, registry) for uses, path in shipped().items()]
    return editor_schema.schema([*registry.listed(every), *recipes])


def plan(
    pipeline: Graph | str | Path,
    state: str | Path = STATE,
    only: Sequence[str] = (),
    store: str = "",
) -> Outlook:
    """What a run for money would do now, in order, with prices in USD where they are known. Makes nothing.

    state: the folder with what earlier runs left; what is there is reused and costs nothing. only: as in
    `run`. store: the folder or URL of a store that a team shares; what the lock file names of it costs
    nothing.

    Raises InputError for a store that cannot be reached, PipelineError for a lock file that cannot be read.
    """
    from callsheet.runtime.dry_run import outlook
    from callsheet.runtime.lock.approvals import gates_of
    from callsheet.runtime.lock.model import lock_path
    from callsheet.runtime.lock.read import read

    graph = _graph(pipeline)
    lock = read(lock_path(graph.path))
    return outlook(graph, Path(state), lock, store, gates=gates_of(lock), only=only)


def run(
    pipeline: Graph | str | Path,
    preview: bool = False,
    out: str | Path = "out",
    state: str | Path = ".callsheet",
    only: Sequence[str] = (),
    emit: Callable[[Event], None] | None = None,
    budget: float | None = None,
    store: str = "",
) -> Result:
    """Make the film and put it under `out`/<name>/.

    preview: offline stand-ins instead of the models. only: addresses or nodes; they and what they need.
    emit: takes each event of the run. budget: USD that may be spent at most. store: the folder or URL of a
    store that a team shares.

    Raises InputError before anything is made; failures of single instances are in the result.
    """
    from callsheet.runtime.execute.options import Terms
    from callsheet.runtime.run import run as run_graph

    return run_graph(
        _graph(pipeline),
        preview=preview,
        out=Path(out),
        state=Path(state),
        emit=emit,
        only=only,
        terms=Terms(budget=budget, store=store),
    )


def _graph(pipeline: Graph | str | Path) -> Graph:
    return pipeline if isinstance(pipeline, Graph) else load(pipeline)
