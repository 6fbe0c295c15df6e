"""What `callsheet review` and `callsheet watch` print."""

from __future__ import annotations

import json
import time

import click

from callsheet.cli.views.wording import printable


def address_told(address: str, opening: str, output: str = "text", launch: bool = True) -> None:
    """Print the address. launch: open the page, by `opening`, which leads there once. output: text or
    json."""
    if output == "json":
        click.echo(json.dumps({"event": "review_started", "version": 1, "address": address}))
    else:
        click.echo(f"review: {address}")
        click.echo("Ctrl-C ends it; everything that was decided is saved.")
    if launch:
        click.launch(opening)


def saved_told(text: str) -> None:
    """Print what came of a save, with the time."""
    click.echo(printable(f"{time.strftime('%H:%M:%S')} {text}"))
