"""How a run looks: each view shows the events that it knows and passes over the others."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Protocol

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
    if name == "json":
        from callsheet.cli.views.json_lines import JsonLines

        return JsonLines()
    from callsheet.cli.views.plain import Plain, Quiet

    return Quiet(command) if name == "quiet" else Plain(command)
