"""How a run looks: each view shows the events that it knows and passes over the others."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

import click

from callsheet.cli.answer import ON_FAILURE
from callsheet.errors import CallsheetError

if TYPE_CHECKING:
    from callsheet.runtime.events import Event


class View(Protocol):
    """Shows a run as it happens."""

    def show(self, event: Event) -> None:
        """Show one event; called in order, from one thread."""
        ...

    def close(self) -> None:
        """Give the terminal back as it was; does no harm twice."""
        ...


@contextlib.contextmanager
def told(name: str) -> Iterator[View | None]:
    """JSON lines, in which an error is an event, too; None for the other views, to be chosen later."""
    if name != "json":
        yield None
        return
    if ctx := click.get_current_context(silent=True):
        ctx.meta.pop(ON_FAILURE, None)
    from callsheet.cli.views.json_lines import JsonLines

    with JsonLines() as lines:
        yield lines


def expect_events(ctx: click.Context, output: str) -> str:
    """If `output` is "json", a failure before `told` is told as an event, too. Returns `output`."""
    if output == "json":
        ctx.meta[ON_FAILURE] = _tell_aborted
    return output


def _tell_aborted(error: Exception) -> None:
    if isinstance(error, CallsheetError):
        with contextlib.suppress(CallsheetError), told("json"):
            raise error


def choose(name: str, command: str = "") -> View:
    """The view called `name`; "auto" is lines unless a person sits at a terminal.

    command: what was typed, for the advice on how to try again.
    """
    if name == "auto":
        live = sys.stdout.isatty() and "CI" not in os.environ and os.environ.get("TERM") != "dumb"
        name = "terminal" if live else "plain"
    if name == "terminal":
        from callsheet.cli.views.terminal import Terminal

        return Terminal(command=command)
    from callsheet.cli.views.plain import Plain, Quiet

    return Quiet(command) if name == "quiet" else Plain(command)
