"""`callsheet init`: a first pipeline to change."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.spec import shell


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
@click.option(
    "--git", "in_git", is_flag=True, help="Set git up in this clone instead: lock files merge by themselves."
)
@click.option(
    "--from", "example", metavar="NAME", help="Copy an example that comes with callsheet, such as lighthouse."
)
@json_option
def command(folder: Path, in_git: bool, example: str | None, as_json: bool) -> None:
    """Write a first pipeline and its editor schema into FOLDER.

    With --from, it writes the files of an example instead.

    With --git, it writes no pipeline, but sets git up: in this clone, git merges lock files with `callsheet
    merge-driver`, and `git diff` shows them in short lines. Type it once in each clone.
    """
    from callsheet.runtime.init import init

    if in_git:
        _git(folder, as_json)
        return
    made = init(folder, example or "")
    if as_json:
        print_json(made)
        return
    where = "" if folder == Path() else f"{shell.command(['cd', folder])} && "
    click.echo(f"wrote {', '.join(map(str, made.written))}")
    run = shell.command(["callsheet", "run", made.pipeline.relative_to(folder), "--preview"])
    click.echo(f"next: {where}{run}")


def _git(folder: Path, as_json: bool) -> None:
    from callsheet.runtime.init_git import init_git

    done = init_git(folder)
    if as_json:
        print_json(done)
        return
    for name, value in done.settings.items():
        click.echo(f"git config {name}: {value}")
    for path in done.written:
        click.echo(f"wrote {path}")
