"""`callsheet pick`: say which take counts."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import parse_sets, pipeline_options
from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace


@click.command("pick")
@pipeline_options
@click.argument("address")
@click.argument("number", type=click.IntRange(1), metavar="N")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, address: str, number: int) -> int:
    """Let take N of the instance at ADDRESS be the one that counts; what follows it is made from it."""
    from callsheet.api import load
    from callsheet.runtime.project_state import decisions

    now = decisions(load(file, parse_sets(sets), inputs, picks=False), Workspace.of(file))
    takes = now.one(address)
    if number > len(takes):
        raise InputError(
            f"{address} has no take {number}; it has {len(takes)}",
            f"{shlex.join(['callsheet', 'retake', str(file), address])} asks for one more",
        )
    now.write(now.lock.with_decision(takes[0].base, pick=number))
    click.echo(f"take {number} of {takes[0].base} counts")
    click.echo(f"next: {shlex.join(['callsheet', 'run', str(file)])}")
    return 0
