"""`callsheet retake`: ask for one more take."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

import click

from callsheet.cli.options import parse_sets, pipeline_options
from callsheet.dsl.syntax.node_parser import MOST_TAKES
from callsheet.errors import InputError
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.dsl.graph import Instance


@click.command("retake")
@pipeline_options
@click.argument("address")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, address: str) -> int:
    """Ask for one more take of the instance at ADDRESS. The next run makes it; those that are there stay."""
    from callsheet.api import load
    from callsheet.runtime.project_state import decisions

    now = decisions(load(file, parse_sets(sets), inputs), Workspace.of(file))
    takes = now.one(address)
    _refuse_what_cannot(takes[0], len(takes))
    now.write(now.lock.with_decision(takes[0].base, takes=len(takes) + 1))
    click.echo(f"{takes[0].base} has {len(takes) + 1} takes")
    click.echo(f"next: {shlex.join(['callsheet', 'run', str(file)])}")
    return 0


def _refuse_what_cannot(instance: Instance, count: int) -> None:
    if instance.spec.provider == "local":
        raise InputError(
            f"another take of {instance.base} would be the same, since {instance.spec.uses} makes it",
            "retake what it is made from",
        )
    if count >= MOST_TAKES:
        raise InputError(f"{instance.base} has {count} takes already", "pick one of them")
