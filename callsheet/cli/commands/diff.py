"""`callsheet diff`: what differs between two files, two revisions in git, or two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Final

import click

from callsheet.cli.options import fetch_option, instances_option, parse_sets, profile_option, trust_option
from callsheet.cli.output import paint_on

FORMS: Final = ("text", "markdown", "json")
PENDING: Final = 2


@click.command("diff")
@click.argument("old")
@click.argument("new", required=False)
@click.option(
    "--format",
    "-f",
    "form",
    type=click.Choice(FORMS),
    default="text",
    show_default=True,
    help="For a terminal, a pull request, or a program.",
)
@click.option("--verbose", "-v", is_flag=True, help="Show every instance and every changed word.")
@profile_option
@trust_option
@fetch_option
@instances_option
@click.option("--exit-code", is_flag=True, help="Exit with 2 if anything differs.")
@click.option(
    "sets", "--set", multiple=True, metavar="NAME=VALUE", help="The value of an input, on both sides."
)
@click.option(
    "--inputs",
    multiple=True,
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of input values, for both sides; may be repeated.",
)
def command(
    old: str,
    new: str | None,
    form: str,
    verbose: bool,
    exit_code: bool,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
) -> int:
    """Show what differs, which instances that affects, and what they cost. Makes nothing.

    \b
    callsheet diff old.yaml new.yaml            two files
    callsheet diff main film.yaml               a revision and the working tree
    callsheet diff main..HEAD film.yaml         two revisions; main...HEAD: since they diverged
    callsheet diff film.yaml                    HEAD and the working tree
    callsheet diff lighthouse-3 lighthouse-4    two runs

    + added, - removed, ~ changed, * made again because one of its inputs is, > renamed.
    """
    from callsheet.cli.views.diff import shown
    from callsheet.runtime.diff.diff import SideError, diff
    from callsheet.runtime.workspace import Workspace

    try:
        changes = diff(Workspace.here(), old, new, parse_sets(sets), inputs)
    except SideError as error:
        from callsheet.dsl.diagnostics.render import render_all

        text = render_all(error.diagnostics, paint_on(sys.stderr))
        click.echo(f"in {error.label}:\n\n{text}", err=True)
        return 1
    click.echo(shown(changes, form, verbose).rstrip("\n"))
    return PENDING if exit_code and changes.any else 0
