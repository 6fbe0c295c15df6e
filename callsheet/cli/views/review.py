"""What `callsheet review` prints: where its page is."""

from __future__ import annotations

import json

import click


def address_told(address: str, output: str, launch: bool) -> None:
    """Print the address, and open it. output: text or json."""
    if output == "json":
        click.echo(json.dumps({"event": "review_started", "address": address}))
    else:
        click.echo(f"review: {address}")
        click.echo("Ctrl-C ends it; everything that was decided is saved.")
    if launch:
        click.launch(address)
