"""`callsheet reject`: reject results, or take that back."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options


@click.command("reject", cls=FileFirst)
@addressed_pipeline_options
@store_option
@click.argument(
    "addresses", shell_complete=completion.addresses, nargs=-1, required=True, metavar="ADDRESS..."
)
@click.option("--why", default="", metavar="TEXT", help="Why, in a few words; it stands in the lock file.")
@click.option("--undo", is_flag=True, help="Take a rejection back.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    addresses: tuple[str, ...],
    why: str,
    undo: bool,
    as_json: bool,
) -> int:
    """Reject the results at these addresses as they are now.

    The results stay paid and kept. The film goes on without them, as `missing` says; nothing is bought in
    their place. `callsheet retake` asks for another take.
    """
    from callsheet.api.decisions import reject
    from callsheet.cli.views.decisions import decision_lines

    done = reject(file, addresses, why, undo, sets=parse_sets(sets), inputs=inputs, store=store)
    if as_json:
        print_json(done)
        return 0
    if not done.rejections:
        click.echo("nothing to undo" if undo else "that is rejected already")
        return 0
    decided = {rejection.address: rejection.rejected for rejection in done.rejections}
    click.echo("\n".join(decision_lines(decided, "rejected", file)))
    return 0
