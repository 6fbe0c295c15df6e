"""`callsheet graph`: the graph of a pipeline."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json, tell_of_old_spelling
from callsheet.cli.options import parse_sets
from callsheet.cli.pipelines import sole_pipeline_options
from callsheet.cli.views.graph import FORMATS


@click.command("graph")
@sole_pipeline_options
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(list(FORMATS)),
    default="text",
    show_default=True,
    help="The output format.",
)
@click.option("--instances", is_flag=True, help="Show every instance instead of one box for each node.")
@json_option
def command(
    file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], form: str, instances: bool, as_json: bool
) -> None:
    """Show the graph of FILE as text, Mermaid, DOT or JSON."""
    from callsheet.dsl.outline import outline
    from callsheet.runtime.check import load

    drawn = outline(load(file, parse_sets(sets), inputs), instances)
    if as_json or form == "json":
        tell_of_old_spelling(as_json, "-f json")
        print_json(drawn)
    else:
        click.echo(FORMATS[form](drawn))
