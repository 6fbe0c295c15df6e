"""`callsheet check`: every error of a file at once."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import click

from callsheet.cli.options import parse_sets, recipe_store_option, sole_pipeline_options
from callsheet.cli.output import paint_on


@click.command("check")
@sole_pipeline_options
@recipe_store_option
@click.option("as_json", "--json", is_flag=True, help="Print the result as one JSON object.")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, as_json: bool) -> int:
    """Check a pipeline, and show every error with its place."""
    from callsheet.api import check
    from callsheet.cli.catalogue_age import tell_of_age
    from callsheet.cli.views.check import check_json, check_line

    checked = check(file, parse_sets(sets), inputs)
    if as_json:
        click.echo(json.dumps(check_json(file, checked), ensure_ascii=False, indent=2))
        return 0 if checked.ok else 1
    if checked.diagnostics:
        from callsheet.dsl.diagnostics.render import render_all

        click.echo(render_all(checked.diagnostics, paint_on(sys.stderr)), err=True)
    if checked.graph:
        tell_of_age(checked.graph, file)
        click.echo(check_line(file, checked.graph))
    return 0 if checked.ok else 1
