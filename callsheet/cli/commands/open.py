"""`callsheet open`: what made a media file, and the pipeline that makes it again."""

from __future__ import annotations

import json
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.runtime.output.provenance.record import Provenance


@click.command("open")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
@click.option("as_json", "--json", is_flag=True, help="Print the whole note as one JSON object.")
@click.option(
    "-o",
    "target",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the pipeline that makes FILE.",
)
def command(file: Path, as_json: bool, target: Path | None) -> int:
    """Say what made FILE, a media file from out/: model, parameters, and what was made before it.

    With -o, exits with 1 when a file of yours that it was made from is not here as it was.
    """
    from callsheet.cli.views.provenance import lines

    provenance = _read(file)
    if as_json:
        from callsheet.runtime.output.provenance.writing import as_json as values

        click.echo(json.dumps(values(provenance), indent=2))
    elif target is None:
        click.echo("\n".join(lines(str(file), provenance)))
    return 0 if target is None else _write_back(provenance, target)


def _read(file: Path) -> Provenance:
    from callsheet.nodes.media import tags
    from callsheet.runtime.output.provenance.files import notes_beside
    from callsheet.runtime.output.provenance.reading import Unreadable, read

    try:
        found = read(chain(tags.texts(file), notes_beside(file)))
    except OSError as error:
        raise InputError(f"{file} cannot be read: {error.strerror}") from None
    except Unreadable as error:
        raise InputError(
            f"the note in {file} cannot be used: {error}", "look at the file itself in out/, not a copy"
        ) from None
    if found is None:
        raise InputError(
            f"{file} does not tell what made it",
            "media files in out/ do, and copies of them; what another program saved anew has lost it",
        )
    return found


def _write_back(provenance: Provenance, target: Path) -> int:
    from callsheet.runtime.lock.model import Block, Lock, lock_path
    from callsheet.runtime.lock.write import write
    from callsheet.runtime.output.provenance.files import code_in, located
    from callsheet.runtime.output.provenance.pipeline import pipeline
    from callsheet.runtime.store import atomic as disk

    for path in (target, lock_path(target)):
        if path.exists():
            raise InputError(f"{path} is already there", "choose another name")
    files = located(provenance, target)
    places = {file: place.written for file, place in files.items()}
    written = pipeline(provenance, places, code_in(provenance, target))
    disk.replace(target, [written.text.encode("utf-8", "replace")])
    lock = Lock(instances={name: Block(pick=take) for name, take in written.picks.items()})
    write(lock, lock_path(target))
    count = len(provenance.before) + 1
    click.echo(f"wrote {target}: {count} node{'' if count == 1 else 's'}", err=True)
    problems = [place.problem for place in files.values() if place.problem]
    problems += [f"{address} is made anew: its seed came from another node" for address in written.anew]
    problems += _hidden(provenance)
    for problem in problems:
        click.echo(f"warning: {problem}", err=True)
    click.echo(f"next: callsheet plan {target}", err=True)
    return 1 if problems else 0


def _hidden(provenance: Provenance) -> list[str]:
    return ["secrets were taken out of its parameters: look for ***"] if provenance.hidden else []
