"""`callsheet lock`: the lock file of a pipeline."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.options import parse_sets, pipeline_options, store_option
from callsheet.errors import PipelineError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.dsl.graph import Graph
    from callsheet.runtime.lock import Known

NAMED: Final = 5


@click.command("lock")
@pipeline_options
@click.option("--check", is_flag=True, help="Change nothing; exit with 1 when file and lock disagree.")
@click.option(
    "--upgrade",
    multiple=True,
    metavar="recipes/NAME",
    help="Pin the commit that a recipe's ref is now; `recipes` for all of them. May be repeated.",
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
    """Write the lock of FILE anew from what is here. Makes nothing, costs nothing.

    What a merge left in it is settled, decisions stay. With a shared store, everything that is here is put
    there.
    """
    from callsheet.api import load
    from callsheet.runtime.lock import lock_path
    from callsheet.runtime.lock.merge import settle

    if not check and settle(lock_path(file)):
        click.echo(f"{lock_path(file)}: what a merge left is settled")
    if upgrade:
        return _upgrade(file, parse_sets(sets), inputs, upgrade)
    graph = load(file, parse_sets(sets), inputs)
    return _check(graph, store) if check else _renew(graph, store)


def _upgrade(file: Path, sets: dict[str, str], inputs: Path | None, names: tuple[str, ...]) -> int:
    """Pin recipes anew, once the pipeline is right with what they are now; say what that changes."""
    from callsheet.api import check
    from callsheet.runtime.lock import lock_path, read, write
    from callsheet.runtime.recipes.pinned import PinnedRecipes
    from callsheet.runtime.recipes.upgrade import newest, pins_named

    path, state = lock_path(file), Workspace.of(file).state
    lock = read(path)
    now = {pin: newest(pin, state) for pin in pins_named(lock, names)}
    moved = {pin: recipe for pin, recipe in now.items() if recipe != lock.recipes[pin]}
    for pin in now:
        change = f" → {now[pin].commit[:12]}" if pin in moved else ", as it was"
        click.echo(f"{pin}: {lock.recipes[pin].commit[:12]}{change}")
    before = check(file, sets, inputs)
    after = check(file, sets, inputs, recipes=PinnedRecipes(path, state, instead=moved))
    if after.graph is None:
        raise PipelineError(after.diagnostics)
    if moved:
        _compare(before.graph, after.graph)
    for pin, recipe in moved.items():
        lock = lock.with_recipe(pin, recipe)
    click.echo(f"{path}: {'written' if write(lock, path) else 'unchanged'}")
    return 0


def _compare(before: Graph | None, after: Graph) -> None:
    from callsheet.cli.views.wording import price
    from callsheet.runtime.recipes.upgrade import reach

    new = reach(after)
    if before is None:
        click.echo(f"  the film would cost {price(new.usd, new.unpriced)}; what it was before is not here")
        return
    old = reach(before)
    for what, was, now in (
        ("endpoint", old.endpoints, new.endpoints),
        ("file that is sent", old.files, new.files),
    ):
        for name in sorted(now - was):
            click.echo(f"  new {what}: {name}")
        for name in sorted(was - now):
            click.echo(f"  no longer: {name}")
    was_price, now_price = price(old.usd, old.unpriced), price(new.usd, new.unpriced)
    same = was_price == now_price
    click.echo(f"  price: {now_price}, as it was" if same else f"  price: {was_price} → {now_price}")


def _renew(graph: Graph, store: str) -> int:
    from callsheet.runtime.dry_run import outlook
    from callsheet.runtime.lock import Known

    workspace = Workspace.of(graph.path)
    lock = workspace.lock_file(graph.path)
    seen = outlook(graph, workspace, lock.lock)
    known_graph = seen.plan.graph
    here = [f for f in seen.foreseen if f.action == "reuse"]
    keys = {f.step.address: f.key for f in here}
    ways = {f.step.address: f.way for f in here if f.way}
    known = Known(keys, {f.step.address: f.outputs or {} for f in here}, ways=ways)
    changed = lock.renew(known_graph, known)
    click.echo(f"{lock.path}: {len(lock.lock.instances)} instances, {'written' if changed else 'unchanged'}")
    lacking = [address for address in known_graph.instances if address not in keys]
    if lacking:
        click.echo(f"not here, so as they were before: {_some(lacking)}")
    return _share(store, workspace, known) if store else 0


def _share(store: str, workspace: Workspace, known: Known) -> int:
    """Put everything that is here into the shared store."""
    from callsheet.runtime.remote_store.push import Pusher
    from callsheet.runtime.remote_store.store import SharedStore

    local = workspace.store()
    local.prepare()
    pusher = Pusher(SharedStore.at(store, local))
    for key, address in {key: address for address, key in known.keys.items()}.items():
        pusher.push(key, known.outputs[address])
    pusher.close()
    for note in pusher.notes():
        click.echo(f"error: {note}", err=True)
    new, there = pusher.counts
    click.echo(f"{pusher.shared.place.title}: {new} results are new there, {there} were there")
    return 3 if pusher.notes() else 0


def _check(graph: Graph, store: str) -> int:
    from callsheet.runtime.dry_run import outlook
    from callsheet.runtime.lock import lock_path, read
    from callsheet.runtime.plan.assume_lock import assumed
    from callsheet.runtime.plan.lock_drift import compare

    path = lock_path(graph.path)
    lock = read(path)
    seen = outlook(graph, Workspace.of(graph.path), lock, store, assumed(lock))
    found = compare(lock, seen.plan.graph, seen.foreseen)
    for difference in found.differences:
        click.echo(f"{path}: {difference}", err=True)
    if found.differences:
        click.echo(f"  help: run {graph.path}, then commit {path}", err=True)
        return 1
    click.echo(f"{path} and {graph.path} agree")
    if found.unclear:
        click.echo(f"not checked, since what they are made of is not here: {_some(found.unclear)}")
    return 0


def _some(addresses: Sequence[str]) -> str:
    more = f" and {len(addresses) - NAMED} more" if len(addresses) > NAMED else ""
    return ", ".join(addresses[:NAMED]) + more
