"""`callsheet retake`: ask for one more take."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import parse_sets, pipeline_options


@click.command("retake")
@pipeline_options
@click.argument("address")
def command(file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], address: str) -> int:
    """Ask for one more take of the instance at ADDRESS. The next run makes it; existing takes stay."""
    from callsheet.runtime.check import load
    from callsheet.runtime.retake import retake
    from callsheet.runtime.workspace import Workspace

    asked = retake(Workspace.of(file), load(file, parse_sets(sets), inputs), address)
    click.echo(f"{asked.address} has {asked.takes} takes")
    click.echo(f"next: {shlex.join(['callsheet', 'run', str(file)])}")
    return 0
