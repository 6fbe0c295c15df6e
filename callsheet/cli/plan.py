"""`callsheet plan`: what would be made, and for how much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, pipeline_options

if TYPE_CHECKING:
    from callsheet.runtime.plan import Plan, Step


@click.command("plan")
@pipeline_options
@click.option("--verbose", "-v", is_flag=True, help="Every instance, not one line a node.")
@click.option("as_json", "--json", is_flag=True, help="Print the plan as one JSON object.")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, verbose: bool, as_json: bool) -> None:
    """Say what would be made, in what order, for how much. Makes nothing."""
    from callsheet.api import load, plan

    planned = plan(load(file, parse_sets(sets), inputs))
    click.echo(
        json.dumps(planned.to_json(), ensure_ascii=False, indent=2) if as_json else _text(planned, verbose)
    )


def _text(planned: Plan, verbose: bool) -> str:
    from callsheet.cli.views.words import price

    rows = [_row(name, steps) for name, steps in _groups(planned, verbose).items()]
    name, count, uses, cost = (max(map(len, column), default=0) for column in zip(*rows, strict=True))
    lines = [f"  + {r[0]:<{name}}  {r[1]:>{count}}  {r[2]:<{uses}}  {r[3]:>{cost}}".rstrip() for r in rows]
    total = f"{len(planned.steps)} to make, {price(planned.usd, planned.unpriced)}"
    return "\n".join([planned.graph.name, "", *lines, "", total])


def _groups(planned: Plan, verbose: bool) -> dict[str, list[Step]]:
    groups: dict[str, list[Step]] = {}
    for step in planned.steps:
        name = step.address if verbose else planned.graph.instances[step.address].node
        groups.setdefault(name, []).append(step)
    return groups


def _row(name: str, steps: list[Step]) -> tuple[str, str, str, str]:
    from callsheet.cli.views.words import money

    if steps[0].provider == "local":
        cost = ""
    elif any(step.usd is None for step in steps):
        cost = "unpriced"
    else:
        cost = money(sum(step.usd or 0.0 for step in steps))
    return name, f"×{len(steps)}" if len(steps) > 1 else "", steps[0].uses, cost
