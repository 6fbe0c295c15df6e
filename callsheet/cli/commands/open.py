"""`callsheet open`: a media file in its program."""

from __future__ import annotations

from pathlib import Path

import click

from callsheet.errors import InputError
from callsheet.spec import shell
from callsheet.spec.regular_file import open_regular
from callsheet.spec.suggest import nearest_file

FORMER = "Of origin now."


@click.command("open")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("as_json", "--json", is_flag=True, hidden=True, help=FORMER)
@click.option("-o", "target", type=click.Path(dir_okay=False, path_type=Path), hidden=True, help=FORMER)
@click.option("--store", envvar="CALLSHEET_STORE", default="", hidden=True, help=FORMER)
def command(file: Path, as_json: bool, target: Path | None, store: str) -> int:
    """Open FILE, a media file or a folder of out/, in the program that your system has for it.

    `callsheet origin FILE` shows what made it.
    """
    origin = shell.command(["callsheet", "origin", str(file)])
    if as_json or target is not None:
        from callsheet.cli.commands.origin import tell_origin

        click.echo("note: use origin for that; the next version only opens the file here", err=True)
        return tell_origin(file, as_json, target, store)
    _require_media(file)
    if click.launch(str(file.resolve())) != 0:
        raise InputError(f"no program was found to open {file}", f"{origin} shows what made it")
    click.echo(f"opened {file}; {origin} shows what made it", err=True)
    return 0


def _require_media(file: Path) -> None:
    """Raises InputError where that is neither a file that can be read nor a folder."""
    if file.is_dir():
        return
    try:
        open_regular(file).close()
    except FileNotFoundError as error:
        near = nearest_file(file)
        step = f"did you mean {file.with_name(near)}?" if near else "out/ has what was made"
        raise InputError(f"there is no file {file}", step) from error
    except (OSError, ValueError) as error:
        raise InputError(f"{file} cannot be opened: {getattr(error, 'strerror', error)}") from error
