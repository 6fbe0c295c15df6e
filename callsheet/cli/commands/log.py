"""`callsheet log`: the history of a film, in words."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("log")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("-n", "most", type=click.IntRange(1), default=20, help="How many commits (default: 20).")
def command(file: Path, most: int) -> int:
    """Tell the history of FILE from git: who changed which shot, picked what, for how much."""
    from callsheet.cli.views.log import log_lines
    from callsheet.runtime.film_log import film_log

    entries = film_log(file, most)
    click.echo("\n".join(log_lines(entries)) if entries else f"git has no history of {file} and its lock")
    return 0
