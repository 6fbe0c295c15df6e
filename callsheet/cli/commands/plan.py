"""`callsheet plan`: what a run would make, why, and what it costs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from callsheet.cli.options import (
    limit_options,
    own_price_option,
    parse_sets,
    sole_pipeline_options,
    store_option,
)
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.prepare import Prepared

OUTPUT = "Save the plan; `callsheet run plan.json` executes exactly this, once."


@click.command("plan")
@sole_pipeline_options
@click.option(
    "--only", multiple=True, metavar="ADDRESS", help="Plan only this node or instance and its inputs."
)
@click.option("--verbose", "-v", is_flag=True, help="Show every instance, also reused and skipped ones.")
@click.option("as_json", "--json", is_flag=True, help="Print the plan as one JSON object.")
@click.option("--out", "-o", "file_out", type=click.Path(path_type=Path), metavar="PLAN.json", help=OUTPUT)
@click.option("--exit-code", is_flag=True, help="Exit with 2 if something would be made.")
@limit_options
@own_price_option
@store_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    only: tuple[str, ...],
    verbose: bool,
    as_json: bool,
    file_out: Path | None,
    exit_code: bool,
    budget: float | None,
    unpriced: bool | float,
    store: str,
) -> int:
    """Show what a run would make, why, and what it costs. Makes nothing.

    \b
    + made                        = reused
    ~ made if one of its inputs   > paid for, and still to be fetched
      gives another result        # blocked until you approve or resolve an input
    - skipped                     ? unknown: its outcome, or how many there will be
    """
    from callsheet.cli.catalogue_age import tell_of_age
    from callsheet.cli.views.plan import outcome_of, shown
    from callsheet.cli.views.plan_json import plan_json
    from callsheet.runtime.check import load
    from callsheet.runtime.consent import budget as budget_of_run
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare
    from callsheet.spec.permissions import PERMISSIONS

    with Workspace.of(file) as workspace:
        graph = load(file, parse_sets(sets), inputs, workspace=workspace)
        cap = None if isinstance(unpriced, bool) else unpriced
        options = RunOptions(only=only, store=store, budget=budget, unpriced=cap)
        prepared = prepare(graph, workspace, options, fetch=False)
        seen = prepared.plan
        outcome = outcome_of(seen, workspace, budget_of_run(prepared))
    if not as_json:
        tell_of_age(graph, file)
    if file_out is not None:
        request = RunRequest(file, parse_sets(sets), inputs, only, trust=PERMISSIONS.get().trust)
        _save(file_out, prepared, request, plan_json(outcome, seen))
    click.echo(
        json.dumps(plan_json(outcome, seen), ensure_ascii=False, indent=2)
        if as_json
        else shown(outcome, verbose)
    )
    return 2 if exit_code and not seen.nothing_to_make else 0


def _save(path: Path, prepared: Prepared, request: RunRequest, data: dict[str, Any]) -> None:
    from callsheet.runtime.plan import plan_file
    from callsheet.runtime.plan.plan_inputs import inputs_of

    inputs = inputs_of(prepared.graph, prepared.plan.forecasts, prepared.lock)
    plan_file.write(path, plan_file.saved(request, inputs, data))
    click.echo(f"saved as {path}: callsheet run {path} executes exactly this, once", err=True)
