"""`callsheet costs`: what this project spent, added up."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json

if TYPE_CHECKING:
    from callsheet.api.money import Group


@click.command("costs")
@click.option(
    "--by",
    type=click.Choice(("film", "row", "shot", "model", "take", "month")),
    default="film",
    show_default=True,
    help="What each line stands for.",
)
@click.option("as_csv", "--csv", is_flag=True, help="Print comma-separated values.")
@json_option
def command(by: Group, as_json: bool, as_csv: bool) -> None:
    """Add up what the calls of this project cost: as billed where a bill is known, else as expected."""
    from callsheet.api.money import costs
    from callsheet.cli.views.costs import csv_text, table

    found = costs(by)
    if as_json:
        print_json(found)
        return
    lines = [*found.costs]
    click.echo(csv_text(lines, by) if as_csv else table(lines, found.total, by), nl=not as_csv)
