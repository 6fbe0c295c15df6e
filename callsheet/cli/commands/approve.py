"""`callsheet approve`: approve results that later nodes wait for, or take that back."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, store_option, why_option
from callsheet.cli.pipelines import FileFirst, addressed_pipeline_options


@click.command("approve", cls=FileFirst)
@addressed_pipeline_options
@store_option
@click.argument("addresses", shell_complete=completion.addresses, nargs=-1, metavar="ADDRESS...")
@click.option("--all", "everything", is_flag=True, help="Approve every result that waits now.")
@why_option
@click.option("--undo", is_flag=True, help="Take an approval back.")
@json_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    store: str,
    addresses: tuple[str, ...],
    everything: bool,
    note: str,
    undo: bool,
    as_json: bool,
) -> int:
    """Approve the results at these addresses as they are now.

    The next run continues with the nodes that wait for them. An approval is for one result: if the result
    changes, it has to be approved again.
    """
    from callsheet.api.decisions import approve
    from callsheet.cli.views.decisions import decision_lines

    done = approve(file, addresses, everything, note, undo, sets=parse_sets(sets), inputs=inputs, store=store)
    if as_json:
        print_json(done)
        return 0
    if not done.approvals:
        click.echo("nothing to undo" if undo else "nothing waits for an approval")
        return 0
    decided = {approval.address: approval.approved for approval in done.approvals}
    click.echo("\n".join(decision_lines(decided, "approved", file)))
    return 0
