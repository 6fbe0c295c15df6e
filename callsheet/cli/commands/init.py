"""`callsheet init`: a first pipeline to change."""

from __future__ import annotations

import json
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path
from typing import Final

import click

from callsheet.errors import InputError

TEMPLATE: Final = ("film.yaml", "shots.csv")
SCHEMA: Final = "callsheet.schema.json"
LINES: Final = {
    ".gitignore": (".callsheet/", "out/"),
    ".gitattributes": ("*.lock.yaml merge=union",),
}


@click.command("init")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path), default=".")
def command(folder: Path) -> None:
    """Write a first pipeline and its editor schema into FOLDER."""
    taken = [name for name in TEMPLATE if (folder / name).exists()]
    if taken:
        raise InputError(
            f"{folder / taken[0]} is already there", "choose an empty folder: callsheet init my-film"
        )
    try:
        _write(folder)
    except OSError as error:
        raise InputError(
            f"cannot write into {folder}: {error.strerror}", "choose a folder that you can write to"
        ) from None
    where = "" if folder == Path() else f"cd {folder} && "
    click.echo(f"wrote {', '.join(str(folder / name) for name in (*TEMPLATE, SCHEMA))}")
    click.echo(f"next: {where}callsheet run film.yaml --preview")


def _write(folder: Path) -> None:
    from callsheet.api import schema

    folder.mkdir(parents=True, exist_ok=True)
    for name in TEMPLATE:
        text = (files("callsheet.cli") / "template" / name).read_text(encoding="utf-8")
        (folder / name).write_text(text, encoding="utf-8")
    (folder / SCHEMA).write_text(json.dumps(schema(), ensure_ascii=False) + "\n", encoding="utf-8")
    for name, lines in LINES.items():
        _add(folder / name, lines)


def _add(path: Path, wanted: Sequence[str]) -> None:
    """Add what git is to know, once."""
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
    missing = [line for line in wanted if line not in lines]
    if missing:
        path.write_text("\n".join([*lines, *missing]) + "\n", encoding="utf-8")
