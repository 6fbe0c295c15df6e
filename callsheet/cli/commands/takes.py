"""`callsheet takes`: the variations of an instance, side by side."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, pipeline_options
from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.dsl.graph import Instance
    from callsheet.runtime.project_state import Standing


@click.command("takes")
@pipeline_options
@click.argument("address")
@click.option("--preview", is_flag=True, help="The takes of the last preview.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    default=Path("out"),
    show_default=True,
    help="The folder of the results; the sheet goes to PATH/<name>/.",
)
@click.option("--open", "launch", is_flag=True, help="Open the sheet.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    address: str,
    preview: bool,
    out: Path,
    launch: bool,
) -> int:
    """Draw the takes at ADDRESS (or of a node) on one contact sheet, and list them."""
    from callsheet.api import load
    from callsheet.runtime.contact_sheet import draw
    from callsheet.runtime.project_state import standing

    now = standing(load(file, parse_sets(sets), inputs), Workspace.of(file), preview)
    found = now.takes([address])
    if not any(take.address in now.outputs for take in found):
        again = shlex.join(["callsheet", "run", str(file), *(["--preview"] if preview else [])])
        raise InputError(f"no take of {address} is there as the pipeline is now", f"{again} makes them")
    for line in _lines(now, found):
        click.echo(line)
    sheet = draw(now, found, address, out)
    if sheet is not None:
        click.echo(f"sheet: {sheet}")
    if sheet is not None and launch:
        click.launch(str(sheet))
    click.echo(f"next: {shlex.join(['callsheet', 'pick', str(file), found[0].base])} N")
    return 0


def _lines(now: Standing, takes: list[Instance]) -> Iterator[str]:
    """Each take: its number, its seed, whether it counts and whether it is there."""
    for take in takes:
        number = take.take.number
        seed = take.params.get("seed")
        words = [f"{take.base}#{number}"]
        words += [f"seed {seed}"] if isinstance(seed, int) else []
        words += ["picked"] if take.take.picked else []
        words += [] if take.address in now.outputs else ["not made yet"]
        yield "  ".join(words)
