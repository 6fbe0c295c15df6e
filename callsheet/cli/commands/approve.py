"""`callsheet approve`: let through what waits for a person, or take that back."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, pipeline_options
from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.dsl.graph import Instance
    from callsheet.runtime.project_state import Standing


@click.command("approve")
@pipeline_options
@click.argument("addresses", nargs=-1, metavar="ADDRESS...")
@click.option("--all", "everything", is_flag=True, help="All that waits now.")
@click.option("--undo", is_flag=True, help="Take an approval back.")
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    addresses: tuple[str, ...],
    everything: bool,
    undo: bool,
) -> int:
    """Approve the results at these addresses as they are now; the next run goes on behind them.

    An approval is for one result: when that changes, it is asked for again.
    """
    from callsheet.api import load
    from callsheet.runtime.project_state import standing

    if bool(addresses) == everything:
        raise InputError("name what you approve, or give --all", "callsheet approve FILE 'clip[\"dawn\"]'")
    now = standing(load(file, parse_sets(sets), inputs), Workspace.of(file))
    lock = now.lock
    for instance in _meant(now, addresses):
        said = "" if undo else _result(instance, now, file, asked_for=bool(addresses))
        if said is None or lock.block(instance.address).approved == said:
            continue
        lock = lock.with_decision(instance.address, approved=said)
        click.echo(f"{'no longer approved' if undo else 'approved'}: {instance.address}")
    if lock == now.lock:
        click.echo("nothing to undo" if undo else "nothing waits for an approval")
        return 0
    now.write(lock)
    click.echo(f"next: {shlex.join(['callsheet', 'run', str(file)])}")
    return 0


def _meant(now: Standing, addresses: tuple[str, ...]) -> list[Instance]:
    """The gates that are meant; all of them without addresses. Raises InputError for what is no gate."""
    if not addresses:
        return [i for i in now.graph.instances.values() if i.is_gate]
    found = now.named(addresses)
    for instance in found:
        if not instance.is_gate:
            raise InputError(f"nothing waits for {instance.address} to be approved", _advice(instance))
    return found


def _advice(instance: Instance) -> str:
    if not instance.options.approve:
        return f"add `approve: true` to the node {instance.node} to have it looked at"
    return f"another take of {instance.base} counts; callsheet pick makes it this one"


def _result(instance: Instance, now: Standing, file: Path, asked_for: bool) -> str | None:
    """What the result counts as; None for one that is not there, if nobody asked for it."""
    from callsheet.runtime import keys

    outputs = now.outputs.get(instance.address)
    if outputs is not None:
        return keys.result(outputs)
    if not asked_for:
        return None
    changed = now.lock.block(instance.address).made is not None
    raise InputError(
        f"{instance.address} has changed since it was made, so there is nothing to look at yet"
        if changed
        else f"{instance.address} has not been made yet, so there is nothing to approve",
        f"callsheet run {shlex.quote(str(file))} makes it",
    )
