"""`callsheet pick`: choose the take that counts."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option, why_option
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options
from callsheet.spec import shell


@click.command("pick", cls=FileFirst)
@addressed_pipeline_options
@store_option
@click.argument("address", shell_complete=completion.addresses)
@click.argument("number", type=click.IntRange(1), metavar="N")
@why_option
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    address: str,
    number: int,
    note: str,
    as_json: bool,
) -> int:
    """Choose take N of the instance at ADDRESS. Later nodes are made from the take that counts."""
    from callsheet.runtime.check import load
    from callsheet.runtime.pick import pick
    from callsheet.runtime.workspace import Workspace

    graph = load(file, parse_sets(sets), inputs, picks=False)
    picked = pick(Workspace.of(file), graph, address, number, note, store)
    if as_json:
        print_json(picked)
        return 0
    click.echo(f"take {picked.number} of {picked.address} counts")
    click.echo(f"next: {shell.command(['callsheet', 'run', str(file)])}")
    return 0
