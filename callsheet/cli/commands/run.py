"""`callsheet run`: makes the film."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

import click

from callsheet.cli.confirm import confirm, planned, saved_plan, tell_of_waiting
from callsheet.cli.invocation import Record
from callsheet.cli.options import parse_sets, pipeline_options, store_option
from callsheet.cli.output import paint_on
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.cli.views import View
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.prepare import Prepared

LIMIT = "Requests under way at a provider at once."
PAY_AGAIN = "Buy again what the lock names and the shared store should have, but has not."
VIEWS = ("auto", "terminal", "plain", "json", "quiet")


@click.command("run")
@pipeline_options
@click.option("--preview", is_flag=True, help="Offline stand-ins instead of the models; free.")
@click.option(
    "--only", multiple=True, metavar="ADDRESS", help="Make this node or instance, with what it needs."
)
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder of the results; they go to PATH/<name>/.",
)
@click.option(
    "--output", type=click.Choice(VIEWS), default="auto", show_default=True, help="How the run is told."
)
@click.option("--budget", type=float, metavar="USD", help="Spend at most this much.")
@click.option("--unpriced", is_flag=True, help="Under a budget, also make calls without a known price.")
@click.option("--concurrency", type=click.IntRange(1), default=64, show_default=True, metavar="N", help=LIMIT)
@click.option("--yes", "-y", is_flag=True, help="Do not ask before spending.")
@click.option("--wait", is_flag=True, help="Wait for another run of this project to end.")
@store_option
@click.option("--pay-again", is_flag=True, help=PAY_AGAIN)
@click.option("--require-cached", is_flag=True, help="Spend nothing: fail if something would be bought.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    preview: bool,
    only: tuple[str, ...],
    out: Path,
    output: str,
    budget: float | None,
    unpriced: bool,
    concurrency: int,
    yes: bool,
    wait: bool,
    store: str,
    pay_again: bool,
    require_cached: bool,
) -> int:
    """Make the film that FILE describes, or execute the plan that FILE is, exactly and once.

    Results go to out/<name>/. Exit codes: 0 done, 1 the file or a node failed, 3 a bug or the disk,
    4 waiting for a person, 130 interrupted.
    """
    from callsheet.cli.views import choose
    from callsheet.runtime.store.receipt import standing
    from callsheet.spec.permissions import PERMISSIONS

    given = str(inputs) if inputs else None
    record = Record(str(file), sets, given, only, str(out), budget, unpriced, PERMISSIONS.get().trust)
    saved = saved_plan(file, record, preview)
    record = planned(saved, record) if saved else record
    asked = {**asdict(record), "preview": preview, "store": store}
    workspace = Workspace.of(file)
    receipt = workspace.receipt(asked, preview)
    view = choose(output, record.command_line(preview))
    if saved is None and (done := standing(receipt)):
        done.tell(view.show)
        return 0
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare

    options = RunOptions(
        preview=preview,
        only=record.only,
        out=Path(record.out),
        budget=budget,
        unpriced=unpriced,
        concurrency=concurrency,
        wait=wait,
        store=store,
        pay_again=pay_again,
        record=record.to_json(),
    )
    with workspace:
        prepared = prepare(_load(record, workspace, output), workspace, options)
        if not preview:
            if require_cached:
                prepared.require_cached()
            confirm(prepared, saved, record.plan_command(file), yes)
            if wait:
                tell_of_waiting(workspace)
        return _make(prepared, view, receipt)


def _make(prepared: Prepared, view: View, receipt: Path) -> int:
    """Run it in sight of a person. Returns the exit code."""
    from callsheet.runtime.run import run

    def give_up() -> None:
        view.close()
        _leave_at_once(130)

    try:
        result = run(prepared, view.show, give_up, receipt)
    finally:
        view.close()
    for note in result.notes:
        click.echo(f"note: {note}", err=True)
    if result.stuck:
        _leave_at_once(result.exit_code)
    return result.exit_code


def _load(record: Record, workspace: Workspace, output: str) -> Graph:
    """The graph; warnings go to standard error."""
    from callsheet.api import check
    from callsheet.errors import PipelineError

    inputs = Path(record.inputs) if record.inputs else None
    checked = check(Path(record.file), parse_sets(record.sets), inputs, workspace=workspace)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    if checked.diagnostics and output != "quiet":
        from callsheet.dsl.diagnostics.render import render_all

        click.echo(render_all(checked.diagnostics, paint_on(sys.stderr)) + "\n", err=True)
    return checked.graph


def _leave_at_once(code: int) -> NoReturn:
    """Threads that would not stop must not hold the process."""
    import os

    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
