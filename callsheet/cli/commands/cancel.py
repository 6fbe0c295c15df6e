"""`callsheet cancel`: cancel pending requests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json

if TYPE_CHECKING:
    from callsheet.runtime.cancel import Cancelled


@click.command("cancel")
@click.argument("run", required=False)
@click.option("--only", multiple=True, metavar="ADDRESS", help="Only the requests of this instance.")
@json_option
def command(run: str | None, only: tuple[str, ...], as_json: bool) -> int:
    """Cancel the pending requests of RUN (by default the newest). Those that a model works on already may be
    billed."""
    from callsheet.api.money import CancelledRequests
    from callsheet.runtime.cancel import cancel
    from callsheet.runtime.workspace import Workspace

    done = cancel(Workspace.here(), run, only, None if as_json else _tell)
    if as_json:
        print_json(CancelledRequests(done))
    elif not done:
        click.echo("no request is pending")
    return 1 if any(request.problem for request in done) else 0


def _tell(request: Cancelled) -> None:
    if request.problem:
        click.echo(f"{request.address}: {request.problem}", err=True)
        if request.next_step:
            click.echo(f"  help: {request.next_step}", err=True)
    else:
        click.echo(f"cancelled {request.address}")
