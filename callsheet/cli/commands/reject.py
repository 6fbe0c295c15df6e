"""`callsheet reject`: reject results, or take that back."""

from __future__ import annotations

import shlex
from pathlib import Path

import click

from callsheet.cli.options import parse_sets, pipeline_options, store_option
from callsheet.errors import InputError


@click.command("reject")
@pipeline_options
@store_option
@click.argument("addresses", nargs=-1, required=True, metavar="ADDRESS...")
@click.option("--why", default="", metavar="TEXT", help="Why, in a few words; it stands in the lock file.")
@click.option("--undo", is_flag=True, help="Take a rejection back.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    addresses: tuple[str, ...],
    why: str,
    undo: bool,
) -> int:
    """Reject the results at these addresses as they are now.

    The results stay paid and kept. The film goes on without them, as `missing` says; nothing is bought in
    their place. `callsheet retake` asks for another take.
    """
    from callsheet.cli.views.decisions import decision_lines
    from callsheet.runtime.check import load
    from callsheet.runtime.reject import reject
    from callsheet.runtime.workspace import Workspace

    if not why.strip() and not undo:
        raise InputError(
            "say why", f"callsheet reject {file} {shlex.quote(addresses[0])} --why 'a sixth finger'"
        )
    changed = reject(Workspace.of(file), load(file, parse_sets(sets), inputs), addresses, why, undo, store)
    if not changed:
        click.echo("nothing to undo" if undo else "that is rejected already")
        return 0
    decided = {rejection.address: rejection.rejected for rejection in changed}
    click.echo("\n".join(decision_lines(decided, "rejected", file)))
    return 0
