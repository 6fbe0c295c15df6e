"""`callsheet check`: every error of a file at once."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.answer import json_option, print_json
from callsheet.cli.options import parse_sets, recipe_store_option
from callsheet.cli.pipelines import several_pipelines_options

if TYPE_CHECKING:
    from callsheet.runtime.check import Checked


def _explain_rule(ctx: click.Context, option: click.Parameter, code: str | None) -> None:
    """`--rule CODE`: print what is to be said of a rule, and end."""
    if code is None:
        return
    from callsheet.cli.views.rule import rule_text, unknown_rule

    text = rule_text(code)
    if text is None:
        raise click.BadParameter(unknown_rule(code), ctx, option)
    click.echo(text)
    ctx.exit()


@click.command("check")
@several_pipelines_options
@recipe_store_option
@click.option(
    "--rule",
    metavar="CODE",
    is_eager=True,
    expose_value=False,
    callback=_explain_rule,
    help="Explain the code of a message, with a wrong and a right example.",
)
@json_option
def command(files: tuple[Path, ...], sets: tuple[str, ...], inputs: tuple[Path, ...], as_json: bool) -> int:
    """Check pipelines, and show every error with its place."""
    from callsheet.runtime.check import check

    found: list[Checked] = []
    for file in files:
        found.append(check(file, parse_sets(sets), inputs))
        if not as_json:
            _show(file, found[-1])
    _conclude(found, as_json)
    return 0 if all(checked.ok for checked in found) else 1


def _conclude(found: Sequence[Checked], as_json: bool) -> None:
    """Print the document of all files, or for people what they are together."""
    from callsheet.cli.views.check import check_total

    if as_json:
        each, ok = [checked.to_json() for checked in found], all(checked.ok for checked in found)
        print_json(each[0] if len(each) == 1 else {"version": 1, "ok": ok, "pipelines": each})
    elif len(found) > 1:
        click.echo(check_total(found))


def _show(file: Path, checked: Checked) -> None:
    from callsheet.cli.catalogue_age import note_of_age
    from callsheet.cli.shared_folder import tell_of_shared_folder
    from callsheet.cli.views.check import check_line

    if checked.diagnostics:
        from callsheet.cli.views.diagnostics import show_diagnostics

        show_diagnostics(checked.diagnostics)
    if checked.graph:
        if note := note_of_age(checked.graph, file):
            click.echo(note, err=True)
        tell_of_shared_folder(file)
        click.echo(check_line(file, checked.graph, checked))
