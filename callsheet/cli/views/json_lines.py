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

    def run_started(self, event: RunStarted) -> None:
        self._out, sys.stdout = sys.stdout, sys.stderr
        self._write(event)

    def run_finished(self, event: RunFinished) -> None:
        self._write(event)
        self.close()

    def _write(self, event: Event) -> None:
        click.echo(to_json(event), file=self._out)

    run_grew = node_skipped = node_started = node_progress = node_waiting = _write
    node_finished = node_failed = node_fell_back = node_blocked = node_incomplete = node_gate = (
        node_interrupted
    ) = _write
