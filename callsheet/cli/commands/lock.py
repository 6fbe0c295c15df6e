"""`callsheet lock`: the lock file of a pipeline."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, sole_pipeline_options, store_option

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph


@click.command("lock")
@sole_pipeline_options
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 if file and lock file differ.")
@click.option(
    "--upgrade",
    multiple=True,
    metavar="recipes/NAME",
    help="Pin the newest commit of this recipe, `recipes` for all; may be repeated.",
)
@store_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    check: bool,
    upgrade: tuple[str, ...],
    store: str,
) -> int:
    """Write the lock file of FILE from your local results. Makes nothing, costs nothing.

    Merge conflicts in it are resolved: the picks and approvals of both sides are kept. With a shared store,
    all local results are uploaded to it.
    """
    from callsheet.api import load
    from callsheet.runtime.lock import lock_path
    from callsheet.runtime.lock.merge import resolve_conflict

    if not check and resolve_conflict(lock_path(file)):
        click.echo(f"{lock_path(file)}: merge conflicts are resolved")
    if upgrade:
        return _upgrade(file, sets, inputs, upgrade)
    graph = load(file, parse_sets(sets), inputs)
    return _check(graph, store) if check else _renew(graph, store)


def _upgrade(file: Path, sets: tuple[str, ...], inputs: Path | None, names: tuple[str, ...]) -> int:
    from callsheet.cli.views.lock import upgrade_lines
    from callsheet.runtime.upgrade_recipes import upgrade_recipes
    from callsheet.runtime.workspace import Workspace

    done = upgrade_recipes(Workspace.of(file), file, names, parse_sets(sets), inputs)
    click.echo("\n".join(upgrade_lines(done)))
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


def _check(graph: Graph, store: str) -> int:
    from callsheet.cli.views.lock import drift_lines, unclear_line
    from callsheet.runtime.check_lock import check_lock
    from callsheet.runtime.workspace import Workspace

    found = check_lock(Workspace.of(graph.path), graph, store)
    if found.differences:
        click.echo("\n".join(drift_lines(found, graph.path)), err=True)
        return 1
    click.echo(f"{found.path} and {graph.path} agree")
    if found.unclear:
        click.echo(unclear_line(found))
    return 0
