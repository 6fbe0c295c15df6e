"""One JSON object a line, for programs. docs/events.md is the reference."""

from __future__ import annotations

import click

from callsheet.runtime.events import Event, to_json


class JsonLines:
    """Writes every event as it comes."""

    def close(self) -> None: ...

    def _write(self, event: Event) -> None:
        click.echo(to_json(event))

    run_started = run_grew = node_skipped = node_started = node_progress = node_waiting = _write
    node_finished = node_failed = node_fell_back = node_blocked = node_incomplete = node_gate = (
        node_interrupted
    ) = run_finished = _write
