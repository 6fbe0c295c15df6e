"""How a run looks: each view is a reader of the event stream."""

from __future__ import annotations

import os
import sys

from callsheet.runtime.events import Reader


def choose(name: str) -> Reader:
    """The view called `name`; "auto" is lines unless a person sits at a terminal."""
    if name == "auto":
        live = sys.stdout.isatty() and "CI" not in os.environ and os.environ.get("TERM") != "dumb"
        name = "terminal" if live else "plain"
    if name == "terminal":
        from callsheet.cli.views.terminal import Terminal

        return Terminal()
    if name == "json":
        from callsheet.cli.views.json_lines import JsonLines

        return JsonLines()
    from callsheet.cli.views.plain import Plain, Quiet

    return Quiet() if name == "quiet" else Plain()
