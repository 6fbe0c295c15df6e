"""One line for each thing that happened: for logs, pipes and CI."""

from __future__ import annotations

import click

from callsheet.cli.views import wording as words
from callsheet.cli.views.remarks import Remarks
from callsheet.cli.views.wording import printable
from callsheet.runtime.events import (
    Event,
    NodeBlocked,
    NodeFailed,
    NodeFellBack,
    NodeFinished,
    NodeGate,
    NodeIncomplete,
    NodeInterrupted,
    NodeStarted,
    NodeWaiting,
    RunFinished,
    RunGrew,
    RunNote,
    RunReused,
    RunStarted,
)
from callsheet.spec.money import money


class Quiet:
    """Only what went wrong, and what waits for a person; nothing where all is well."""

    def __init__(self, command: str = "") -> None:
        self.command = command
        self.remarks = Remarks()

    def close(self) -> None: ...

    def show(self, event: Event) -> None:
        self.remarks.show(event)
        if isinstance(event, RunFinished):
            self._end(event)

    def _end(self, event: RunFinished) -> None:
        for failed in self.remarks.failures:
            click.echo("\n".join(words.failure(failed, self.command)), err=True)
        for lacking in self.remarks.incomplete:
            click.echo(words.incomplete(lacking), err=True)
        for held in self.remarks.held:
            click.echo(words.gate(held), err=True)
        for line in words.trouble(event):
            click.echo(line, err=True)


class Plain(Quiet):
    """One line for each event but progress and skipping."""

    def __init__(self, command: str = "") -> None:
        super().__init__(command)
        self.total = self.ended = 0
        self.providers: dict[str, str] = {}
        self.accepted: set[str] = set()

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.total = event.total
                click.echo(words.opening(event))
            case RunGrew():
                self.total = event.total
                for line in words.growth(event):
                    click.echo(line)
            case RunReused():
                self.ended += event.count
            case RunNote():
                click.echo(printable(f"note    {event.message}"))
            case NodeStarted():
                self.providers[event.address] = event.provider
                self.accepted.discard(event.address)
                click.echo(printable(f"start   {event.address}  {words.short(event.uses)}"))
            case NodeFellBack():
                click.echo(f"note    {words.fallback(event)}")
            case NodeIncomplete():
                click.echo(f"note    {words.incomplete(event)}")
            case NodeGate():
                click.echo(f"note    {words.gate(event)}")
            case NodeWaiting():
                self._waiting(event)
            case NodeInterrupted():
                click.echo(self._stopped(event))
            case RunFinished():
                click.echo(words.closing(event))
            case NodeFinished() | NodeFailed() | NodeBlocked():
                self._ended(event)
        super().show(event)

    def _end(self, event: RunFinished) -> None:
        super()._end(event)
        for line in words.results(event.outputs):
            click.echo(line)

    def _waiting(self, event: NodeWaiting) -> None:
        if words.accepted(event):
            self.accepted.add(event.address)
        if event.trouble or event.seconds is not None:
            click.echo(f"waiting {words.waiting(event)}")

    def _stopped(self, event: NodeInterrupted) -> str:
        after = f"after {words.clock(event.seconds)}"
        if event.address not in self.accepted:
            return printable(f"stopped {event.address}  {after}")
        return printable(f"stopped {event.address}  {after}; goes on at {self.providers[event.address]}")

    def _ended(self, event: NodeFinished | NodeFailed | NodeBlocked) -> None:
        self.ended += 1
        match event:
            case NodeFinished():
                how = "reused" if event.reused else words.clock(event.seconds)
                how += f" on {event.where}" if event.where else ""
                file = f"  → {event.files[0]}" if event.files else ""
                self._line(f"done    {event.address}  {words.short(event.uses)}  {how}{_paid(event)}{file}")
                for warning in event.warnings:
                    click.echo(printable(f"note    {event.address}: {warning}"))
            case NodeFailed():
                self._line(
                    f"failed  {event.address}  {words.short(event.uses)}  {event.kind}: {event.message}"
                )
            case NodeBlocked():
                self._line(f"blocked {event.address}  needs {event.cause}")

    def _line(self, line: str) -> None:
        click.echo(printable(f"[{self.ended}/{self.total}] {line}"))


def _paid(event: NodeFinished) -> str:
    if event.unpriced:
        return "  price unknown"
    return f"  {money(event.usd)}" if event.usd else ""
