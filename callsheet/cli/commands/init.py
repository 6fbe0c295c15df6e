"""`callsheet init`: a first pipeline to change."""

from __future__ import annotations

from pathlib import Path

import click


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def command(folder: Path) -> None:
    """Write a first pipeline and its editor schema into FOLDER."""
    from callsheet.runtime.init import init

    made = init(folder)
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"wrote {', '.join(map(str, made.written))}")
    click.echo(f"next: {where}callsheet run {made.pipeline.name} --preview")
