"""One JSON object a line, for programs. docs/events.md is the reference."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import TextIO

import click

from callsheet.errors import InputError
from callsheet.runtime.event_readers import Aborting
from callsheet.runtime.events import Event, to_json


class JsonLines:
    """Writes every event as it comes; where the `with` block raises, the last one says so. Inside of it, all
    that is printed besides goes to standard error."""

    def __init__(self) -> None:
        self._out: TextIO | None = None
        self._events = Aborting(self._write)

    def __enter__(self) -> JsonLines:
        self._out, sys.stdout = sys.stdout, sys.stderr
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, click.Abort):
            error = InputError("the answer was no; nothing was sent")
        self._events.__exit__(kind, error, trace)
        self.close()

    def close(self) -> None:
        if self._out is not None:
            sys.stdout, self._out = self._out, None

    def show(self, event: Event) -> None:
        self._events(event)

    def _write(self, event: Event) -> None:
        click.echo(to_json(event), file=self._out)
