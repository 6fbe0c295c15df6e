"""`callsheet diff`: what differs between two files, two revisions in git, or two runs."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.answer import json_option, print_json, tell_of_old_spelling
from callsheet.cli.options import each_option, parse_sets, profile_option
from callsheet.cli.output import paint_on
from callsheet.cli.permissions import fetch_option, instances_option, trust_option

if TYPE_CHECKING:
    from callsheet.runtime.diff.changes import Changes
    from callsheet.runtime.diff.film_changes import FilmsChanges
    from callsheet.runtime.diff.read_side import SideError
    from callsheet.runtime.diff.runs import RunChanges

FORMS: Final = ("text", "markdown", "json")
PENDING: Final = 2
PICTURES: Final = (
    "Write a strip of each shot that changes, before and after, and pictures.md, which shows them."
)
PICTURES_URL: Final = "The address of the strips in pictures.md, with {} for the name of a file."


@click.command("diff")
@click.argument("old")
@click.argument("new", nargs=-1)
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
@each_option
@trust_option
@fetch_option
@instances_option
@click.option(
    "--check-lock",
    is_flag=True,
    help="Exit with 1 if a film that changed asks for a paid result that its lock file does not have.",
)
@click.option("--pictures", type=click.Path(path_type=Path, file_okay=False), metavar="DIR", help=PICTURES)
@click.option("--pictures-url", default="", metavar="URL", help=PICTURES_URL)
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
@json_option
def command(
    old: str,
    new: tuple[str, ...],
    form: str,
    verbose: bool,
    check_lock: bool,
    pictures: Path | None,
    pictures_url: str,
    exit_code: bool,
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    as_json: bool,
) -> int:
    """Show what differs, which instances that affects, and what they cost. Makes nothing.

    \b
    callsheet diff old.yaml new.yaml            two files
    callsheet diff main film.yaml               a revision and the working tree
    callsheet diff main..HEAD film.yaml         two revisions; main...HEAD: since they diverged
    callsheet diff film.yaml                    HEAD and the working tree
    callsheet diff lighthouse-3 lighthouse-4    two runs
    callsheet diff main...HEAD 'films/*.yaml'   several films, also deleted ones, and one total
    callsheet diff main...HEAD                  all films that callsheet.toml names

    What a lock file names is not paid again; what it cost is told as paid. A file that git calls renamed is
    the same film.

    + added, - removed, ~ changed, * made again because one of its inputs is, > renamed.
    """
    from callsheet.api.plan import diff
    from callsheet.cli.views.diff import shown
    from callsheet.runtime.diff.read_side import SideError

    try:
        changes = diff(
            old, *new, sets=parse_sets(sets), inputs=inputs, check_lock=check_lock, pictures=pictures
        )
    except SideError as error:
        _tell(error)
        return 1
    if pictures is not None:
        _show(changes, pictures, pictures_url)
    failed = _failed(changes, check_lock)
    if as_json or form == "json":
        tell_of_old_spelling(as_json, "-f json")
        print_json(changes)
    else:
        click.echo(shown(changes, form, verbose).rstrip("\n"))
    if failed:
        return 1
    return PENDING if exit_code and changes.any else 0


def _failed(changes: Changes | RunChanges | FilmsChanges, check_lock: bool) -> bool:
    """Whether one of several films cannot be compared, or a lock file was forgotten; tells the errors."""
    from callsheet.runtime.diff.film_changes import FilmsChanges

    if not isinstance(changes, FilmsChanges):
        return False
    for film in changes.failed:
        if film.error is not None:
            _tell(film.error)
    return bool(changes.failed or (check_lock and changes.forgotten))


def _show(changes: Changes | RunChanges | FilmsChanges, folder: Path, base: str) -> None:
    """Write the page that shows the strips."""
    from callsheet.cli.views.diff_pictures import pictures_as_markdown
    from callsheet.runtime.diff.changes import Changes as Films
    from callsheet.runtime.diff.film_changes import FilmsChanges

    found = changes.changes if isinstance(changes, FilmsChanges) else (changes,)
    folder.mkdir(parents=True, exist_ok=True)
    page = pictures_as_markdown([one for one in found if isinstance(one, Films)], base)
    (folder / "pictures.md").write_text(page, encoding="utf-8")


def _tell(error: SideError) -> None:
    """The errors of one side, with their places."""
    from callsheet.dsl.diagnostics.render import render_all

    text = render_all(error.diagnostics, paint_on(sys.stderr))
    help = f"\n  help: {error.help}" if error.help else ""
    click.echo(f"in {error.label}:\n\n{text}{help}", err=True)
