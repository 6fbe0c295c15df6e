"""`callsheet engine`: what makes local operations and previews."""

from __future__ import annotations

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import store_option


@click.group("engine")
def command() -> None:
    """Show the workers of an engine, and why a task waits."""


def _named(_: click.Context, __: click.Parameter, engine: str | None) -> str:
    """Raises UsageError without an engine."""
    if not engine:
        raise click.UsageError("name an engine: callsheet engine status dask://host:8786, or here:4")
    return engine


@command.command("status")
@click.argument("on", metavar="ENGINE", required=False, callback=_named)
@store_option
@json_option
def status(on: str, store: str, as_json: bool) -> int:
    """Show what ENGINE is doing (dask://HOST:PORT, here:4): slots, workers, versions, and why a task waits.

    Each worker is asked whether it has the same versions and reaches the store. Exits with 1 where no worker
    can be used.
    """
    from callsheet.api.engine import engine_status
    from callsheet.cli.views.engine import engine_lines

    found = engine_status(on, store)
    if as_json:
        print_json(found)
    else:
        click.echo("\n".join(engine_lines(found)))
    return 0 if found.ok else 1
