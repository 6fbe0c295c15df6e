"""`callsheet plan`: what a run would make, why, and what it costs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.errors import explain
from callsheet.cli.options import (
    limit_options,
    only_option,
    own_price_option,
    parse_sets,
    several_pipelines_options,
    store_option,
)
from callsheet.errors import InputError, PipelineError
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE

if TYPE_CHECKING:
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.planning import PlannedFilm

OUTPUT = "Save the plan; `callsheet run plan.json` executes exactly this, once."


@click.command("plan")
@several_pipelines_options
@only_option("Plan")
@click.option("--verbose", "-v", is_flag=True, help="Show every instance, also reused and skipped ones.")
@click.option("--out", "-o", "file_out", type=click.Path(path_type=Path), metavar="PLAN.json", help=OUTPUT)
@click.option("--exit-code", is_flag=True, help="Exit with 2 if something would be made.")
@limit_options
@own_price_option
@store_option
@json_option
def command(
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    only: tuple[str, ...],
    verbose: bool,
    as_json: bool,
    file_out: Path | None,
    exit_code: bool,
    budget: float | None,
    unpriced: bool | float,
    store: str,
) -> int:
    """Show what runs would make, why, and what they cost. Makes nothing.

    \b
    + made                        = reused
    ~ made if one of its inputs   > paid for, and still to be fetched
      gives another result        # blocked until you approve or resolve an input
    - skipped                     ? unknown: its outcome, or how many there will be
    """
    from callsheet.cli.views.plan import shown
    from callsheet.runtime.plan.run_options import RunOptions

    if len(files) > 1 and (file_out is not None or only):
        raise InputError("--out and --only are for one pipeline", "name one FILE")
    cap = None if isinstance(unpriced, bool) else unpriced
    options = RunOptions(only=only, store=store, budget=budget, unpriced=cap)
    planned: list[PlannedFilm] = []
    for file in files:
        try:
            planned.append(_plan(file, parse_sets(sets), inputs, options, quiet=as_json))
        except PipelineError as error:
            if len(files) == 1:
                raise
            explain(error)
        else:
            if not as_json:
                click.echo(("\n" if len(planned) > 1 else "") + shown(planned[-1].outcome, verbose))
    if file_out is not None:
        trust, profile = PERMISSIONS.get().trust, PROFILE.get()
        request = RunRequest(files[0], parse_sets(sets), inputs, only, trust=trust, profile=profile)
        planned[0].save(file_out, request)
        run = shell.command(["callsheet", "run", file_out])
        click.echo(f"saved as {file_out}: {run} executes exactly this, once", err=True)
    _conclude(planned, len(files), as_json)
    if len(planned) < len(files):
        return 1
    return 2 if exit_code and not all(found.prepared.plan.nothing_to_make for found in planned) else 0


def _plan(
    file: Path, sets: dict[str, str], inputs: tuple[Path, ...], options: RunOptions, quiet: bool
) -> PlannedFilm:
    """Plan the pipeline `file`. quiet: do not tell that what is known of models is old."""
    from callsheet.cli.catalogue_age import tell_of_age
    from callsheet.runtime.check import load
    from callsheet.runtime.planning import planned_film

    with Workspace.of(file) as workspace:
        graph = load(file, sets, inputs, workspace=workspace)
        found = planned_film(graph, workspace, options)
    if not quiet:
        tell_of_age(graph, file)
    return found


def _conclude(planned: list[PlannedFilm], files: int, as_json: bool) -> None:
    """What is printed at the end: the plans as JSON, or the total of several. files: how many there are."""
    from callsheet.cli.views.plan_total import plan_total
    from callsheet.runtime.plan_outcome import total_json

    outcomes = [found.outcome for found in planned]
    if as_json:
        each = [found.plan.to_json() for found in planned]
        print_json(each[0] if files == 1 else total_json(each, outcomes))
    elif files > 1:
        click.echo(f"\n{plan_total(outcomes)}")
