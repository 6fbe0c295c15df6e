"""A run in a terminal: finished instances scroll up as one line, the active ones stay live below."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from rich.cells import cell_len, set_cell_size
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from callsheet.cli.output import console as safe_console
from callsheet.cli.views import wording as words
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
    NodeProgress,
    NodeStarted,
    NodeWaiting,
    RunFinished,
    RunGrew,
    RunReused,
    RunStarted,
)
from callsheet.spec.money import money

ROWS: Final = 12
BAR: Final = 16
ADDRESS: Final = 22
WIDE: Final = 64
"""Columns below which a line has no room for endpoint, bar and file."""


@dataclass(slots=True)
class Active:
    """An instance at work."""

    event: NodeStarted
    since: float
    fraction: float | None = None
    state: str = ""


class Terminal:
    """The live view. Without `animated` only what stays is printed, for pictures and tests."""

    def __init__(self, console: Console | None = None, animated: bool = True, command: str = "") -> None:
        self.animated = animated
        self.command = command
        self.console = console or safe_console(highlight=False)
        self.active: dict[str, Active] = {}
        self.failures: list[NodeFailed] = []
        self.incomplete: list[NodeIncomplete] = []
        self.held: list[NodeGate] = []
        self.now = self.console.get_time
        self.began = self.now()
        self.total = self.done = self.failed = 0
        self.usd = 0.0
        self.unpriced = 0
        self.planned = ""
        self.preview = False
        self.spinner = Spinner("dots", style="cyan")
        self.live = Live(self, console=self.console, refresh_per_second=8, transient=True)

    def show(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._started(event)
            case RunGrew():
                self._grew(event)
            case RunReused():
                self.done += event.count
            case NodeStarted():
                self.active[event.address] = Active(event, self.now())
            case NodeProgress() if event.address in self.active:
                self.active[event.address].fraction = event.fraction
            case NodeWaiting() if event.address in self.active:
                self.active[event.address].state = words.state(event)
            case NodeIncomplete() | NodeGate():
                self._remark(event)
            case RunFinished():
                self._ended(event)
            case NodeFinished() | NodeFailed() | NodeFellBack() | NodeBlocked() | NodeInterrupted():
                self._over(event)

    def _over(self, event: NodeFinished | NodeFailed | NodeFellBack | NodeBlocked | NodeInterrupted) -> None:
        """An instance is not at work any more."""
        self.active.pop(event.address, None)
        match event:
            case NodeFinished():
                self._finished(event)
            case NodeFailed():
                self._failed(event)
            case NodeFellBack():
                self._print(self._line("↪", "yellow", event.address, event.uses, words.clock(event.seconds)))
                self.console.print(Text(f"    {words.fallback(event)}", style="yellow"))
            case NodeBlocked():
                self._print(self._line("⊘", "yellow", event.address, "", printable(f"needs {event.cause}")))
            case NodeInterrupted():
                self._print(self._line("■", "yellow", event.address, "", "stopped"))

    def _remark(self, event: NodeIncomplete | NodeGate) -> None:
        """What a person should know of an instance; it stands again at the end."""
        if isinstance(event, NodeIncomplete):
            self.incomplete.append(event)
            text = words.incomplete(event)
        else:
            if event.gate != "open":
                self.held.append(event)
            text = words.gate(event)
        self._print(Text.assemble(("▲ ", "yellow"), text))

    def _started(self, event: RunStarted) -> None:
        self.total, self.preview = event.total, event.mode == "preview"
        self.planned = "" if self.preview else words.price(event.usd, event.unpriced)
        self.console.print(Text(words.opening(event), style="bold"))
        if self.animated:
            self.live.start()

    def _grew(self, event: RunGrew) -> None:
        self.total = event.total
        self.planned = "" if self.preview else words.price(event.usd, event.unpriced)
        for line in words.growth(event):
            self._print(Text(line, style="bold"))

    def _finished(self, event: NodeFinished) -> None:
        self.done += 1
        self.usd += event.usd
        self.unpriced += event.unpriced
        mark, style = ("●", "dim") if event.reused else ("✔", "green")
        how = "reused" if event.reused else words.clock(event.seconds)
        line = self._line(mark, style, event.address, event.uses, how)
        if event.usd:
            line.append(f"  {money(event.usd)}", "yellow")
        if event.files and self.console.width >= WIDE:
            line.append(printable(f"  → {PurePath(event.files[0]).name}"), "dim")
        self._print(line)
        for warning in event.warnings:
            self.console.print(Text(printable(f"    note: {warning}"), style="yellow"))

    def _failed(self, event: NodeFailed) -> None:
        self.failures.append(event)
        self.failed += 1
        self._print(self._line("✘", "bold red", event.address, event.uses, words.clock(event.seconds)))
        self.console.print(Text(printable(f"    {event.kind}: {event.message}"), style="red"))

    def _ended(self, event: RunFinished) -> None:
        self.live.stop()
        self.console.print()
        for failed in self.failures:
            head, *rest = words.failure(failed, self.command)
            self.console.print(Text(head, style="bold red"))
            self.console.print(Text("\n".join(rest) + "\n"))
        for lacking in self.incomplete:
            self.console.print(Text(words.incomplete(lacking), style="yellow"))
        for held in self.held:
            self.console.print(Text(words.gate(held), style="yellow"), soft_wrap=True)
        style = {"done": "bold green", "failed": "bold red"}.get(event.status, "bold yellow")
        self.console.print(Text(words.closing(event), style=style))
        for line in words.trouble(event):
            style = "yellow" if event.status == "waiting" else "red"
            self.console.print(Text(line, style=style), soft_wrap=True)
        for line in words.results(event.outputs):
            self.console.print(Text(f"  {line}"), soft_wrap=True)

    def close(self) -> None:
        """Stop the live part and show the cursor again."""
        self.live.stop()

    def _line(self, mark: str, style: str, address: str, uses: str, how: str) -> Text:
        line = Text.assemble((f"{mark} ", style))
        line.append_text(self._columns(address, uses))
        line.append(f"  {how:>7}")
        return line

    def _columns(self, address: str, uses: str) -> Text:
        """Address and endpoint, as far as the terminal is wide."""
        width = self.console.width
        columns = Text(_fitted(address, max(10, min(ADDRESS, width - 20))), "bold" if uses else "")
        if uses and width >= WIDE:
            columns.append("  " + _fitted(words.short(uses), max(12, min(40, width - ADDRESS - 38))), "dim")
        return columns

    def _print(self, line: Text) -> None:
        line.truncate(max(20, self.console.width - 1), overflow="ellipsis")
        self.console.print(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The live part: at most a dozen rows, and the footer."""
        now = self.now()
        for active in list(self.active.values())[:ROWS]:
            yield self._row(active, now)
        if len(self.active) > ROWS:
            yield Text(f"  … and {len(self.active) - ROWS} more", style="dim")
        yield from self._footer(now)

    def _row(self, active: Active, now: float) -> Text:
        row = Text()
        frame = self.spinner.render(now)
        row.append_text(frame if isinstance(frame, Text) else Text("·"))
        row.append(" ")
        row.append_text(self._columns(active.event.address, active.event.uses))
        row.append(f"  {words.clock(now - active.since):>7}  ")
        if active.fraction is not None and self.console.width >= WIDE:
            filled = round(active.fraction * BAR)
            row.append("━" * filled, "magenta")
            row.append("━" * (BAR - filled), "bright_black")
        elif active.state:
            row.append(active.state, "yellow")
        row.truncate(max(20, self.console.width - 1))
        return row

    def _footer(self, now: float) -> Iterator[Text]:
        footer = Text("── ", style="bright_black")
        footer.append(f"{self.done}/{self.total}", "bold")
        footer.append(f" done  {words.clock(now - self.began)}", "")
        if self.failed:
            footer.append(f"  {self.failed} failed", "red")
        footer.append(
            "  free" if self.preview else f"  {words.spent(self.usd, self.unpriced)} of {self.planned}",
            "yellow",
        )
        footer.truncate(max(20, self.console.width - 1))
        yield footer


def _fitted(text: str, width: int) -> str:
    """`text` in exactly `width` cells, cut with an ellipsis."""
    text = printable(text)
    return set_cell_size(text if cell_len(text) <= width else set_cell_size(text, width - 1) + "…", width)
