"""`callsheet log`: the history of a film, in words."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.pipelines import file_argument


@click.command("log")
@file_argument(completion.pipelines)
@click.option("-n", "most", type=click.IntRange(1), default=20, help="How many commits (default: 20).")
@json_option
def command(file: Path, most: int, as_json: bool) -> int:
    """Tell the history of FILE from git: who changed which shot, picked what, for how much."""
    from callsheet.api.project import log
    from callsheet.cli.views.log import log_lines

    found = log(file, most)
    if as_json:
        print_json(found)
        return 0
    entries = found.entries
    click.echo("\n".join(log_lines(entries)) if entries else f"git has no history of {file} and its lock")
    return 0
