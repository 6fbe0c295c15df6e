"""Repeats what a verb told of films for which nothing had to be made, as long as nothing changed."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

import click

from callsheet.cli.output import TOKEN
from callsheet.runtime.store.kept_answer import KeptAnswer, Said
from callsheet.runtime.workspace import Workspace
from callsheet.spec.batch import EACH
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE

OWN_COLOUR: Final = "\x1bcolour"
"""What stands in a kept text for the beginning of a colour, which each process writes in its own way."""
FILES: Final = 5_000
FILES_OF_ONE: Final = 20
"""Files of a project that are looked at at most, and so many more for each instance of its films."""

Say = Callable[..., None]
"""Prints a text; `err=True` on standard error."""


def repeated(files: Sequence[Path], tell: Callable[[Say], int]) -> int:
    """What `tell` says of these pipelines, as it said it before if nothing changed since. Returns the exit
    code.

    An answer is kept if it ends with 0 and depends only on files of this project. What `tell` raises is
    raised.
    """
    kept = _question(files)
    if (said := kept.read()) is not None:
        for text, error in said:
            click.echo(text.replace(OWN_COLOUR, f"\x1b{TOKEN}"), err=error)
        return 0
    return _told(kept, tell)


def _told(kept: KeptAnswer, tell: Callable[[Say], int]) -> int:
    from callsheet.runtime.prepare import watched

    said: list[Said] = []

    def say(text: str, err: bool = False) -> None:
        said.append((text.replace(f"\x1b{TOKEN}", OWN_COLOUR), err))
        click.echo(text, err=err)

    with watched() as prepared:
        code = tell(say)
    if not code and prepared and all(one.stands_on_files for one in prepared):
        instances = sum(len(one.graph.instances) for one in prepared)
        kept.keep(said, FILES + FILES_OF_ONE * instances)
    return code


def _question(files: Sequence[Path]) -> KeptAnswer:
    """What was asked: the verb with everything that a person gave it, and what it is shown on."""
    context = click.get_current_context()
    given = (
        sorted(context.params.items()),
        PROFILE.get(),
        EACH.get(),
        sorted(asdict(PERMISSIONS.get()).items()),
    )
    screen = sys.stdout.isatty(), sys.stderr.isatty(), shutil.get_terminal_size().columns
    places = [Workspace.of(file).place(file) for file in files]
    return KeptAnswer.to(str(context.info_name), json.dumps([given, screen], default=_plain), places)


def _plain(value: object) -> object:
    return sorted(value) if isinstance(value, (set, frozenset)) else str(value)
