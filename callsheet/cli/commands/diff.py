"""`callsheet diff`: what differs between two files, two revisions in git, or two runs."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.options import parse_sets, trust_option
from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.diff.changes import Changes
    from callsheet.runtime.diff.git_revision import Repository
    from callsheet.runtime.diff.runs import RunChanges
    from callsheet.runtime.diff.side import Side

Plain = dict[str, str]
FORMS: Final = ("text", "markdown", "json")
PENDING: Final = 2
SHORT: Final = 10
"""Characters of a commit's hash that name it for people."""
NOW: Final = "working tree"


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
@click.option("--verbose", "-v", is_flag=True, help="Every instance and every changed word.")
@trust_option
@click.option("--exit-code", is_flag=True, help="Exit with 2 when anything differs.")
@click.option(
    "sets", "--set", multiple=True, metavar="NAME=VALUE", help="The value of an input, on both sides."
)
@click.option(
    "--inputs",
    type=click.Path(dir_okay=False, path_type=Path),
    help="A file of input values, for both sides.",
)
def command(
    old: str,
    new: str | None,
    form: str,
    verbose: bool,
    exit_code: bool,
    sets: tuple[str, ...],
    inputs: Path | None,
) -> int:
    """Say what differs, what that reaches, and what it costs. Makes nothing.

    \b
    callsheet diff old.yaml new.yaml            two files
    callsheet diff main film.yaml               a revision and the working tree
    callsheet diff main..HEAD film.yaml         two revisions; main...HEAD: since they parted
    callsheet diff film.yaml                    HEAD and the working tree
    callsheet diff lighthouse-3 lighthouse-4    two runs

    + added, - removed, ~ changed, * made again because of what comes before it, > renamed.
    """
    if new is None:
        old, new = "HEAD", old
    if (runs := _runs(old, new)) is not None:
        click.echo(_show_runs(runs, form))
        return PENDING if exit_code and runs.any else 0
    given = _Given(parse_sets(sets), inputs.resolve() if inputs else None)
    try:
        changes = _compare(old, new, given)
    except _Broken as broken:
        click.echo(str(broken), err=True)
        return 1
    click.echo(_show(changes, form, verbose), nl=form != "markdown")
    return PENDING if exit_code and changes.any else 0


class _Broken(Exception):
    """A side that does not pass check; the text says which, and why."""


class _Given:
    """What holds for both sides. Recipes that were fetched once are found from a revision's folder too."""

    def __init__(self, sets: Plain, inputs: Path | None) -> None:
        self.sets, self.inputs, self.state = sets, inputs, Workspace().state.absolute()

    def side(self, label: str, path: Path) -> Side:
        """The state that the file at `path` describes; an empty one when there is no such file."""
        from callsheet.api import check
        from callsheet.runtime.diff.side import side_of
        from callsheet.runtime.lock.model import lock_path
        from callsheet.runtime.recipes.pinned import PinnedRecipes

        if not path.exists():
            return side_of(label, None)
        recipes = PinnedRecipes(lock_path(path), self.state)
        checked = check(path, self.sets, self.inputs, recipes=recipes)
        if checked.graph is None:
            from callsheet.dsl.diagnostics.render import render_all

            text = render_all(checked.diagnostics, color=sys.stderr.isatty())
            raise _Broken(f"in {label}:\n\n{text}")
        return side_of(label, checked.graph)


def _compare(old: str, new: str, given: _Given) -> Changes:
    from callsheet.runtime.diff.compare import compare

    if Path(old).is_file():
        _require(Path(new))
        sides = given.side(old, Path(old)), given.side(new, Path(new))
    else:
        sides = _revisions(old, Path(new), given)
    if sides[0].plan is None and sides[1].plan is None:
        raise InputError(f"there is no file {new} on either side", "paths start at the current folder")
    return compare(*sides)


def _require(path: Path) -> None:
    if not path.is_file():
        raise InputError(f"there is no file {path}", "callsheet diff OLD.yaml NEW.yaml")


def _revisions(text: str, path: Path, given: _Given) -> tuple[Side, Side]:
    """One state for each revision of `old..new`, or for a revision and the working tree."""
    from callsheet.runtime.diff.git_revision import Repository, split_range

    if text.endswith((".yaml", ".yml")):
        raise InputError(f"there is no file {text}", "callsheet diff OLD.yaml NEW.yaml")
    folder = _folder(path)
    repository = Repository(folder)
    name = path.resolve().relative_to(folder)
    found = split_range(text)
    if found is None:
        before = _at(repository, _called(text), repository.commit(text), name, given)
        return before, given.side(NOW, path)
    old, new, parted = found
    commits = repository.commit(old), repository.commit(new)
    base = repository.merge_base(*commits) if parted else commits[0]
    before = _at(repository, _called(old), base, name, given)
    return before, _at(repository, _called(new), commits[1], name, given)


def _called(revision: str) -> str:
    from callsheet.runtime.diff.git_revision import COMMIT

    return revision[:SHORT] if COMMIT.match(revision) else revision or "HEAD"


def _folder(path: Path) -> Path:
    """The folder whose files the pipeline may name: this one, or its own where it lies elsewhere."""
    from callsheet.dsl.values.origin import project_root

    folder = project_root(path).resolve()
    if not folder.is_dir():
        raise InputError(f"there is no folder {folder}", "paths start at the current folder")
    return folder


def _at(repository: Repository, label: str, commit: str, name: Path, given: _Given) -> Side:
    with repository.folder_at(commit) as folder, _inside(folder):
        return given.side(label, name)


@contextlib.contextmanager
def _inside(folder: Path) -> Iterator[None]:
    """What is read inside is read as if `folder` were the current one, with the same names and limits."""
    before = Path.cwd()
    os.chdir(folder)
    try:
        yield
    finally:
        os.chdir(before)


def _runs(old: str, new: str) -> RunChanges | None:
    """The two runs that the names mean; None when they mean something else."""
    from callsheet.cli.views import ledger as ledgers

    if Path(new).exists() or new.endswith((".yaml", ".yml")) or Workspace().ledger_reader() is None:
        return None
    from callsheet.runtime.diff.runs import compare_runs

    ledger = ledgers.reader()
    runs = ledger.runs()
    return compare_runs(ledger, ledgers.find_run(runs, old), ledgers.find_run(runs, new))


def _show(changes: Changes, form: str, verbose: bool) -> str:
    from callsheet.cli.views.diff_markdown import as_markdown
    from callsheet.cli.views.diff_text import as_text

    forms: dict[str, Callable[[], str]] = {
        "text": lambda: as_text(changes, verbose),
        "markdown": lambda: as_markdown(changes),
        "json": lambda: _json(changes.to_json()),
    }
    return forms[form]()


def _show_runs(changes: RunChanges, form: str) -> str:
    from callsheet.cli.views.diff_markdown import runs_as_markdown
    from callsheet.cli.views.diff_text import runs_as_text

    match form:
        case "text":
            return runs_as_text(changes)
        case "markdown":
            return runs_as_markdown(changes)
    return _json(changes.to_json())


def _json(data: dict[str, object]) -> str:
    return json.dumps(data, ensure_ascii=False, indent=2)
