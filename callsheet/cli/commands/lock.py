"""`callsheet lock`: the lock file of a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from callsheet.cli.errors import explain
from callsheet.cli.options import parse_sets, several_pipelines_options, store_option
from callsheet.errors import InputError, PipelineError
from callsheet.spec.plural import plural
from callsheet.spec.profile import PROFILE, using

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.check_lock import LockDrift

SIDE = "The address, `recipes/git+…` for a recipe, or `all`; may be repeated."


@click.command("lock")
@several_pipelines_options
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if file and lock file differ.")
@click.option(
    "--ours", multiple=True, metavar="ADDRESS", help=f"Where two decisions differ, keep the first. {SIDE}"
)
@click.option(
    "--theirs", multiple=True, metavar="ADDRESS", help=f"Where two decisions differ, keep the second. {SIDE}"
)
@click.option(
    "--upgrade",
    multiple=True,
    metavar="recipes/NAME",
    help="Pin the newest commit of this recipe, `recipes` for all; may be repeated.",
)
@click.option(
    "--prune",
    multiple=True,
    metavar="SECTION",
    help="Remove what the file says for other inputs: the name of a section, or `all`; may be repeated.",
)
@click.option("--textconv", is_flag=True, help="Print the lock file FILE in short lines, for `git diff`.")
@store_option
def command(
    files: tuple[Path, ...],
    sets: tuple[str, ...],
    inputs: tuple[Path, ...],
    check: bool,
    ours: tuple[str, ...],
    theirs: tuple[str, ...],
    upgrade: tuple[str, ...],
    prune: tuple[str, ...],
    textconv: bool,
    store: str,
) -> int:
    """Write the lock file of FILE from the results that exist. Makes nothing, costs nothing.

    A paid result that the film still uses stays in it, also where its address changed. What leaves it is
    listed. After a merge, the results and decisions of both sides are kept; where two decisions differ,
    --ours or --theirs chooses. With a shared store, all local results are uploaded to it.
    """
    if check and (ours or theirs or upgrade or prune):
        raise InputError("--check changes nothing", "give it alone")
    decided = Decided(ours, theirs, upgrade, prune)
    codes = []
    for file in files:
        try:
            codes.append(_show(file) if textconv else _lock(file, sets, inputs, decided, check, store))
        except PipelineError as error:
            if len(files) == 1:
                raise
            codes.append(explain(error))
    if check and len(files) > 1:
        differ = sum(code > 0 for code in codes)
        click.echo(f"{plural(len(codes), 'film')}: {len(codes) - differ} as in the lock file, {differ} not")
    return max(codes)


class Decided(NamedTuple):
    """What a person said about the content of the lock file, in the options of the same names."""

    ours: tuple[str, ...]
    theirs: tuple[str, ...]
    upgrade: tuple[str, ...]
    prune: tuple[str, ...]


def _lock(
    file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], said: Decided, check: bool, store: str
) -> int:
    """Write or compare one lock file. Returns the exit code."""
    from callsheet.runtime.check import load

    if not check:
        _settle(file, said.ours, said.theirs)
    if said.upgrade:
        return _upgrade(file, sets, inputs, said.upgrade)
    if said.prune:
        return _prune(file, said.prune)
    if check:
        return _check(file, sets, inputs, store)
    return _renew(load(file, parse_sets(sets), inputs), store)


def _show(path: Path) -> int:
    from callsheet.runtime.lock.short_text import short_text

    click.echo(short_text(path), nl=False)
    return 0


def _settle(file: Path, ours: tuple[str, ...], theirs: tuple[str, ...]) -> None:
    from callsheet.runtime.settle_lock import settle_lock

    done = settle_lock(file, ours, theirs)
    if done.merged:
        click.echo(f"{done.path}: merge conflicts are resolved")
    for sentence in done.chosen:
        click.echo(f"{done.path}: {sentence}")


def _upgrade(file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], names: tuple[str, ...]) -> int:
    from callsheet.cli.views.lock import upgrade_lines
    from callsheet.runtime.upgrade_recipes import upgrade_recipes
    from callsheet.runtime.workspace import Workspace

    done = upgrade_recipes(Workspace.of(file), file, names, parse_sets(sets), inputs)
    click.echo("\n".join(upgrade_lines(done)))
    return 0


def _prune(file: Path, names: tuple[str, ...]) -> int:
    from callsheet.cli.views.lock import pruned_lines
    from callsheet.runtime.settle_lock import prune_lock

    click.echo("\n".join(pruned_lines(prune_lock(file, names))))
    return 0


def _renew(graph: Graph, store: str) -> int:
    from callsheet.cli.views.lock import renewed_lines
    from callsheet.runtime.renew_lock import renew_lock
    from callsheet.runtime.workspace import Workspace

    done = renew_lock(Workspace.of(graph.path), graph, store)
    click.echo("\n".join(renewed_lines(done)))
    notes = done.uploaded.notes if done.uploaded else ()
    for note in notes:
        click.echo(f"error: {note}", err=True)
    return 3 if notes else 0


def _check(file: Path, sets: tuple[str, ...], inputs: tuple[Path, ...], store: str) -> int:
    """Compare each section of the lock file whose inputs are known: that of what was given, or without
    anything the default one and those of the project's profiles."""
    from callsheet.runtime.check import load
    from callsheet.runtime.check_lock import check_lock, profiles_in_lock
    from callsheet.runtime.workspace import Workspace

    workspace, given = Workspace.of(file), bool(sets or inputs or PROFILE.get())
    profiles = (PROFILE.get(),) if given else profiles_in_lock(workspace, file)
    codes = []
    for profile in profiles:
        with using(profile):
            graph = load(file, parse_sets(sets), inputs, workspace=workspace)
        found = check_lock(workspace, graph, store, besides=() if given else profiles)
        codes.append(_show_drift(found, graph.path, profile))
    return max(codes)


def _show_drift(found: LockDrift, pipeline: Path, profile: str) -> int:
    """Tell whether lock file and pipeline agree. Returns the exit code."""
    from callsheet.cli.views.lock import agreement_lines, drift_lines

    if found.differences:
        click.echo("\n".join(drift_lines(found, pipeline, profile)), err=True)
        return 1
    click.echo("\n".join(agreement_lines(found, pipeline, profile)))
    return 0
