"""`callsheet costs`: what this project spent, added up."""

from __future__ import annotations

import json
from dataclasses import asdict

import click


@click.command("costs")
@click.option(
    "--by",
    type=click.Choice(("film", "row", "shot", "model", "take", "month")),
    default="film",
    show_default=True,
    help="What each line stands for.",
)
@click.option("as_json", "--json", is_flag=True, help="Print one JSON object.")
@click.option("as_csv", "--csv", is_flag=True, help="Print comma-separated values.")
def command(by: str, as_json: bool, as_csv: bool) -> None:
    """Add up what the calls of this project cost: as billed where a bill is known, else as expected."""
    from callsheet.cli.views.costs import csv_text, table
    from callsheet.runtime.costs import costs, total
    from callsheet.runtime.workspace import Workspace

    found = costs(Workspace.here(), by)
    if as_json:
        data = {"version": 1, "by": by, "costs": [asdict(c) for c in found], "total": asdict(total(found))}
        click.echo(json.dumps(data, ensure_ascii=False, indent=2))
        return
    click.echo(csv_text(found, by) if as_csv else table(found, total(found), by), nl=not as_csv)
