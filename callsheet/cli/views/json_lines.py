"""One JSON object a line, for programs. docs/events.md is the reference."""

from __future__ import annotations

import sys
from typing import TextIO

import click

from callsheet.runtime.events import Event, RunFinished, RunStarted, to_json


class JsonLines:
    """Writes every event as it comes. During the run, what plug-ins print goes to standard error."""

    def __init__(self) -> None:
        self._out: TextIO | None = None

    def close(self) -> None:
        if self._out is not None:
            sys.stdout, self._out = self._out, None

    def show(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._out, sys.stdout = sys.stdout, sys.stderr
        click.echo(to_json(event), file=self._out)
        if isinstance(event, RunFinished):
            self.close()
