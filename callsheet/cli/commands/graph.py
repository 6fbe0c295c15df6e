"""`callsheet graph`: the graph of a pipeline."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.options import parse_sets, sole_pipeline_options
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
def command(file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], form: str, instances: bool) -> None:
    """Show the graph of FILE as text, Mermaid, DOT or JSON."""
    from callsheet.dsl.outline import outline
    from callsheet.runtime.check import load

    click.echo(FORMATS[form](outline(load(file, parse_sets(sets), inputs), instances)))
