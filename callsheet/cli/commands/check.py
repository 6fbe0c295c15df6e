"""`callsheet check`: every error of a file at once."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, recipe_store_option, several_pipelines_options
from callsheet.cli.output import paint_on

if TYPE_CHECKING:
    from callsheet.runtime.check import Checked


@click.command("check")
@several_pipelines_options
@recipe_store_option
@json_option
def command(files: tuple[Path, ...], sets: tuple[str, ...], inputs: tuple[Path, ...], as_json: bool) -> int:
    """Check pipelines, and show every error with its place."""
    from callsheet.cli.views.check import check_total
    from callsheet.runtime.check import check

    found: list[tuple[Path, Checked]] = []
    for file in files:
        found.append((file, check(file, parse_sets(sets), inputs)))
        if not as_json:
            _show(*found[-1])
    ok = all(checked.ok for _, checked in found)
    if as_json:
        each = [checked.to_json() for _, checked in found]
        print_json(each[0] if len(each) == 1 else {"version": 1, "ok": ok, "pipelines": each})
    elif len(found) > 1:
        click.echo(check_total([checked for _, checked in found]))
    return 0 if ok else 1


def _show(file: Path, checked: Checked) -> None:
    from callsheet.cli.catalogue_age import tell_of_age
    from callsheet.cli.views.check import check_line

    if checked.diagnostics:
        from callsheet.dsl.diagnostics.render import render_all

        click.echo(render_all(checked.diagnostics, paint_on(sys.stderr)), err=True)
    if checked.graph:
        tell_of_age(checked.graph, file)
        click.echo(check_line(file, checked.graph, checked))
