"""One line for each thing that happened: for logs, pipes and CI."""

from __future__ import annotations

import click

from callsheet.cli.views import wording as words
from callsheet.cli.views.wording import printable
from callsheet.runtime.events import (
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeIncomplete,
    NodeInterrupted,
    NodeProgress,
    NodeSkipped,
    NodeStarted,
    NodeWaiting,
    RunFinished,
    RunGrew,
    RunStarted,
)


class Quiet:
    """Only the results, and what went wrong."""

    def __init__(self, command: str = "") -> None:
        self.command = command
        self.failures: list[NodeFailed] = []
        self.incomplete: list[NodeIncomplete] = []
        self.held: list[NodeGate] = []

    def close(self) -> None: ...

    def run_started(self, event: RunStarted) -> None: ...

    def run_grew(self, event: RunGrew) -> None: ...

    def node_skipped(self, event: NodeSkipped) -> None: ...

    def node_started(self, event: NodeStarted) -> None: ...

    def node_progress(self, event: NodeProgress) -> None: ...

    def node_waiting(self, event: NodeWaiting) -> None: ...

    def node_finished(self, event: NodeFinished) -> None: ...

    def node_failed(self, event: NodeFailed) -> None:
        self.failures.append(event)

    def node_fell_back(self, event: NodeFellBack) -> None: ...

    def node_blocked(self, event: NodeBlocked) -> None: ...

    def node_incomplete(self, event: NodeIncomplete) -> None:
        self.incomplete.append(event)

    def node_gate(self, event: NodeGate) -> None:
        if event.gate != "open":
            self.held.append(event)

    def node_interrupted(self, event: NodeInterrupted) -> None: ...

    def run_finished(self, event: RunFinished) -> None:
        for failed in self.failures:
            click.echo("\n".join(words.failure(failed, self.command)), err=True)
        for lacking in self.incomplete:
            click.echo(words.incomplete(lacking), err=True)
        for held in self.held:
            click.echo(words.gate(held), err=True)
        for line in words.trouble(event):
            click.echo(line, err=True)
        for line in words.results(event.outputs):
            click.echo(line)


class Plain(Quiet):
    """Every event but progress and skipping."""

    def run_started(self, event: RunStarted) -> None:
        self.total, self.ended = event.total, 0
        self.begun: set[str] = set()
        click.echo(words.opening(event))

    def run_grew(self, event: RunGrew) -> None:
        self.total = event.total
        for line in words.growth(event):
            click.echo(line)

    def node_started(self, event: NodeStarted) -> None:
        self.begun.add(event.address)
        click.echo(printable(f"start   {event.address}  {words.short(event.uses)}"))

    def node_finished(self, event: NodeFinished) -> None:
        if event.address not in self.begun:
            self.ended += 1
            return
        how = "reused" if event.reused else words.clock(event.seconds)
        file = f"  → {event.files[0]}" if event.files else ""
        self._ended(f"done    {event.address}  {words.short(event.uses)}  {how}{_paid(event.usd)}{file}")

    def node_failed(self, event: NodeFailed) -> None:
        super().node_failed(event)
        self._ended(f"failed  {event.address}  {words.short(event.uses)}  {event.kind}: {event.message}")

    def node_fell_back(self, event: NodeFellBack) -> None:
        click.echo(f"note    {words.fallback(event)}")

    def node_blocked(self, event: NodeBlocked) -> None:
        self._ended(f"blocked {event.address}  needs {event.cause}")

    def node_incomplete(self, event: NodeIncomplete) -> None:
        super().node_incomplete(event)
        click.echo(f"note    {words.incomplete(event)}")

    def node_gate(self, event: NodeGate) -> None:
        super().node_gate(event)
        click.echo(f"note    {words.gate(event)}")

    def node_interrupted(self, event: NodeInterrupted) -> None:
        click.echo(printable(f"stopped {event.address}  after {words.clock(event.seconds)}"))

    def run_finished(self, event: RunFinished) -> None:
        click.echo(words.closing(event))
        super().run_finished(event)

    def _ended(self, line: str) -> None:
        self.ended += 1
        click.echo(printable(f"[{self.ended}/{self.total}] {line}"))


def _paid(usd: float) -> str:
    return f"  {words.money(usd)}" if usd else ""
