"""`callsheet run`: runs a pipeline."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from callsheet.cli.confirm import (
    Answered,
    ask_for_grants,
    ask_for_store,
    ask_to_buy_again,
    confirm,
    planned,
    saved_plan,
    tell_of_balances,
    tells_of_waiting,
)
from callsheet.cli.invocation import plan_command, run_command
from callsheet.cli.options import (
    buy_again_option,
    fetch_what_is_pinned,
    grant_options,
    limit_options,
    parse_sets,
    sole_pipeline_options,
    store_of_archive,
    store_option,
    webhook_option,
    yes_option,
)
from callsheet.cli.output import paint_on
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.cli.views import View
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.plan.plan_file import PlanFile
    from callsheet.runtime.prepare import Prepared

LIMIT = "At most this many pending requests at each provider (default: 64)."
FROM_LOCK = "Make the film from what its lock file names, as in its archive: offline, and spend nothing."
VIEWS = ("auto", "terminal", "plain", "json", "quiet")


@click.command("run")
@sole_pipeline_options
@click.option("--preview", is_flag=True, help="Draw stand-ins offline instead of calling models; free.")
@click.option(
    "--only", multiple=True, metavar="ADDRESS", help="Make only this node or instance and its inputs."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder of the results; they are written to PATH/<name>/.",
)
@click.option(
    "--output", type=click.Choice(VIEWS), default="auto", show_default=True, help="How the progress is shown."
)
@limit_options
@click.option("--concurrency", type=click.IntRange(1), metavar="N", help=LIMIT)
@yes_option
@click.option("--wait", is_flag=True, help="Wait until another run of this film has ended.")
@store_option
@webhook_option
@grant_options
@buy_again_option
@click.option("--from-lock", is_flag=True, help=FROM_LOCK)
@click.option("--require-cached", is_flag=True, help="Spend nothing: fail if something has to be paid for.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    preview: bool,
    only: tuple[str, ...],
    out: Path,
    output: str,
    budget: float | None,
    unpriced: bool | float,
    concurrency: int | None,
    yes: bool,
    wait: bool,
    store: str,
    webhook: str,
    pay_again: bool,
    from_lock: bool,
    require_cached: bool,
) -> int:
    """Run the pipeline FILE, or execute the saved plan FILE exactly and once.

    Results are written to out/<name>/, previews to out/<name>/preview/. Exit codes: 0 done, 1 the file has
    errors or a node failed, 3 a bug or a full disk, 4 results wait for a person, 130 interrupted.
    """
    from callsheet.spec.permissions import PERMISSIONS
    from callsheet.spec.profile import PROFILE

    if from_lock:
        _require_lock(file, preview)
        store, require_cached = store_of_archive(file, store), True
    else:
        fetch_what_is_pinned()
    trust, profile = PERMISSIONS.get().trust, PROFILE.get()
    request = RunRequest(file, parse_sets(sets), inputs, only, out, budget, unpriced, trust, profile)
    saved = saved_plan(file, request, preview)
    request = planned(saved, request) if saved else request
    settings = {
        "preview": preview,
        "concurrency": concurrency,
        "wait": wait,
        "store": store,
        "webhook": webhook,
        "pay_again": pay_again,
    }
    with Workspace.of(request.file) as workspace:
        answered = Answered(yes, budget is not None)
        return Start(workspace, request, settings, answered, output, saved, require_cached).execute()


def _require_lock(file: Path, preview: bool) -> None:
    """Raises InputError where `--from-lock` has nothing to take results from."""
    from callsheet.errors import InputError
    from callsheet.runtime.lock import lock_path

    if preview:
        raise InputError("--from-lock takes paid results, and --preview draws stand-ins", "leave one out")
    if file.is_file() and not lock_path(file).exists():
        raise InputError(
            f"there is no {lock_path(file)}, which --from-lock takes the results from",
            f"restore it, or make the film without it: callsheet plan {file}",
        )


@dataclass(eq=False, repr=False)
class Start:
    """A run that a person starts at the command line. settings: the fields of `RunOptions` that `request`
    does not have. output: how it is shown. saved: the plan that it executes. answered: what was said about
    the cost. require_cached: spend nothing."""

    workspace: Workspace
    request: RunRequest
    settings: Mapping[str, Any]
    answered: Answered
    output: str = "auto"
    saved: PlanFile | None = None
    require_cached: bool = False

    def execute(self) -> int:
        """Run it. Returns the exit code."""
        from callsheet.cli.views import choose
        from callsheet.runtime.store.receipt import current_receipt

        preview = bool(self.settings.get("preview"))
        asked = {**self.request.to_json(), "preview": preview, "store": self.settings.get("store", "")}
        receipt = self.workspace.receipt(asked, preview)
        view = choose(self.output, run_command(self.request, preview))
        if self.saved is None and (done := current_receipt(receipt)):
            done.replay(view.show)
            return 0
        return _make(self._prepared(), view, receipt)

    def _prepared(self) -> Prepared:
        from callsheet.runtime.other_states import require_own_state
        from callsheet.runtime.prepare import prepare
        from callsheet.runtime.run import require_own_out
        from callsheet.runtime.vouched import vouch

        options = self.request.options(self.workspace.root, **self.settings)
        graph = self._graph()
        if not options.preview and not options.store:
            ask_for_store(graph)
        prepared = prepare(graph, self.workspace, options)
        require_own_out(prepared)
        if options.preview:
            return prepared
        if self.require_cached:
            prepared.require_cached()
        if prepared.paid:
            require_own_state(prepared.plan, self.workspace)
        again = plan_command(self.request, self.saved.path) if self.saved else ""
        if ask_for_grants(prepared):
            return self._prepared()
        if self.output != "quiet":
            tell_of_balances(prepared)
        prepared = ask_to_buy_again(prepared)
        confirm(prepared, self.saved, again, self.answered)
        vouch(self.request, self.workspace.root)
        return prepared

    def _graph(self) -> Graph:
        """The pipeline, checked; warnings go to standard error."""
        from callsheet.errors import PipelineError
        from callsheet.runtime.check import check
        from callsheet.spec.profile import using

        what = self.request
        with using(what.profile):
            checked = check(what.file, what.sets, what.inputs, what.trust, workspace=self.workspace)
        if checked.graph is None:
            raise PipelineError(checked.diagnostics)
        if checked.diagnostics and self.output != "quiet":
            from callsheet.dsl.diagnostics.render import render_all

            click.echo(render_all(checked.diagnostics, paint_on(sys.stderr)) + "\n", err=True)
        return checked.graph


def _make(prepared: Prepared, view: View, receipt: Path) -> int:
    """Execute what was prepared, in sight of a person. Returns the exit code."""
    from callsheet.runtime.run import run

    def give_up() -> None:
        view.close()
        _leave_at_once(130)

    try:
        result = run(prepared, view.show, give_up, receipt, confirm=True, on_wait=tells_of_waiting())
    finally:
        view.close()
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    if result.stuck:
        _leave_at_once(result.exit_code)
    return result.exit_code


def _leave_at_once(code: int) -> NoReturn:
    """Threads that would not stop must not hold the process."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
