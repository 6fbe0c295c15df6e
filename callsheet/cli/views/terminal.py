"""A run in a terminal: finished instances scroll up as one line, the active ones stay live below."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderResult
from rich.live import Live
from rich.spinner import Spinner
from rich.text import Text

from callsheet.cli.output import console as safe_console
from callsheet.cli.views import wording as words
from callsheet.cli.views.columns import fitted, fitted_address
from callsheet.cli.views.progress import NodeProgress, Progress
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
    NodeSkipped,
    NodeStarted,
    NodeWaiting,
    RunFinished,
    RunGrew,
    RunNote,
    RunReused,
    RunStarted,
)
from callsheet.runtime.events import NodeProgress as InstanceProgress
from callsheet.spec.money import money

ROWS: Final = 12
NODES: Final = 5
LEAST: Final = 1.0
"""Seconds below which no time left is told."""
BAR: Final = 16
ADDRESS: Final = 22
WIDE: Final = 64
"""Columns below which a line has no room for endpoint, bar and file."""


@dataclass(slots=True)
class Active:
    """An instance at work. state: what it waits for. accepted: a provider has its request."""

    event: NodeStarted
    since: float
    fraction: float | None = None
    state: str = ""
    accepted: bool = False

    def passed(self, now: float) -> float:
        """For how many seconds it is at work."""
        return now - self.since


class Terminal:
    """The live view. Without `animated` only what stays is printed, for pictures and tests."""

    def __init__(self, console: Console | None = None, animated: bool = True, command: str = "") -> None:
        self.animated = animated
        self.command = command
        self.console = console or safe_console(highlight=False)
        self.active: dict[str, Active] = {}
        self.progress = Progress()
        self.remarks = Remarks()
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
        self.remarks.show(event)
        match event:
            case RunStarted():
                self._started(event)
            case RunGrew():
                self._grew(event)
            case RunReused():
                self.done += event.count
            case RunNote():
                self._print(Text.assemble(("▲ ", "yellow"), printable(event.message)))
            case NodeStarted():
                self._began(event)
            case NodeSkipped():
                self.progress.skip(event.address)
            case InstanceProgress() if event.address in self.active:
                self.active[event.address].fraction = event.fraction
            case NodeWaiting() if event.address in self.active:
                active = self.active[event.address]
                active.state, active.accepted = words.state(event), words.accepted(event)
            case NodeIncomplete() | NodeGate():
                self._remark(event)
            case RunFinished():
                self._ended(event)
            case NodeFinished() | NodeFailed() | NodeFellBack() | NodeBlocked() | NodeInterrupted():
                self._over(event)

    def _began(self, event: NodeStarted) -> None:
        """Work on an instance begins."""
        now = self.now()
        self.active[event.address] = Active(event, now)
        node = self.progress.of(event.address)
        node.since = now if node.since is None else node.since

    def _over(self, event: NodeFinished | NodeFailed | NodeFellBack | NodeBlocked | NodeInterrupted) -> None:
        """An instance is not at work any more."""
        was = self.active.pop(event.address, None)
        node = self.progress.of(event.address)
        match event:
            case NodeFinished():
                self._finished(event, node)
            case NodeFailed():
                self._failed(event, node)
            case NodeFellBack():
                self._print(self._line("↪", "yellow", event.address, event.uses, words.clock(event.seconds)))
                self.console.print(Text(f"    {words.fallback(event)}", style="yellow"))
            case NodeBlocked():
                node.ended += 1
                self._print(self._line("⊘", "yellow", event.address, "", printable(f"needs {event.cause}")))
            case NodeInterrupted():
                goes_on = was.event.provider if was and was.accepted else ""
                node.stopped_at(goes_on)
                if not node.is_long:
                    self._print(self._line("■", "yellow", event.address, "", words.stopped(goes_on)))
        if node.is_long and node.is_over and not node.told:
            self._tell(node)

    def _remark(self, event: NodeIncomplete | NodeGate) -> None:
        """What a person should know of an instance; it stands again at the end."""
        text = words.incomplete(event) if isinstance(event, NodeIncomplete) else words.gate(event)
        self._print(Text.assemble(("▲ ", "yellow"), text))

    def _started(self, event: RunStarted) -> None:
        self.began = self.now()  # what a person was asked before does not count
        self.total, self.preview = event.total, event.mode == "preview"
        self.progress.add(event.instances)
        self.planned = "" if self.preview else words.price(event.usd, event.unpriced)
        self.console.print(Text(words.opening(event), style="bold"))
        if self.animated:
            self.live.start()

    def _grew(self, event: RunGrew) -> None:
        self.progress.add(event.instances)
        self.total = event.total
        self.planned = "" if self.preview else words.price(event.usd, event.unpriced)
        for line in words.growth(event):
            self._print(Text(line, style="bold"))

    def _finished(self, event: NodeFinished, node: NodeProgress) -> None:
        self.done += 1
        self.usd += event.usd
        self.unpriced += event.unpriced
        node.finished(event)
        if not node.is_long:
            self._print(self._made(event))
        elif event.warnings:
            self._print(Text(printable(event.address)))
        for warning in event.warnings:
            self.console.print(Text(printable(f"    note: {warning}"), style="yellow"))

    def _made(self, event: NodeFinished) -> Text:
        mark, style = ("●", "dim") if event.reused else ("✔", "green")
        how = "reused" if event.reused else words.clock(event.seconds)
        line = self._line(mark, style, event.address, event.uses, how)
        if event.usd:
            line.append(f"  {money(event.usd)}", "yellow")
        file = printable(f"  → {PurePath(event.files[0]).name}") if event.files else ""
        if line.cell_len + cell_len(file) < self.console.width:
            line.append(file, "dim")
        return line

    def _tell(self, node: NodeProgress) -> None:
        """One line about all instances of a node."""
        node.told = True
        whole = node.ended == node.total and not node.failed
        mark, style = ("✔", "green") if whole else ("■", "yellow")
        line = Text.assemble((f"{mark} ", style), (fitted(node.name, self._address_width()), "bold"))
        line.append(f"  {words.of_node(node.made, node.reused, node.total)}")
        if node.failed:
            line.append(f", {node.failed} failed", "red")
        for provider, count in sorted(node.going_on.items()):
            line.append(f", {count} {'goes' if count == 1 else 'go'} on at {printable(provider)}", "yellow")
        if node.usd:
            line.append(f"  {money(node.usd)}", "yellow")
        self._print(line)

    def _failed(self, event: NodeFailed, node: NodeProgress) -> None:
        node.ended += 1
        node.failed += 1
        self.failed += 1
        self._print(self._line("✘", "bold red", event.address, event.uses, words.clock(event.seconds)))
        self.console.print(Text(printable(f"    {event.kind}: {event.message}"), style="red"))

    def _ended(self, event: RunFinished) -> None:
        self.live.stop()
        for node in self.progress.nodes.values():
            if node.is_long and (node.ended or node.stopped) and not node.told:
                self._tell(node)
        self.console.print()
        for failed in self.remarks.failures:
            head, *rest = words.failure(failed, self.command)
            self.console.print(Text(head, style="bold red"))
            for line in [*rest, ""]:
                self._say(line)
        for lacking in self.remarks.incomplete:
            self.console.print(Text(words.incomplete(lacking), style="yellow"))
        for held in self.remarks.held:
            self.console.print(Text(words.gate(held), style="yellow"), soft_wrap=True)
        style = {"done": "bold green", "failed": "bold red"}.get(event.status, "bold yellow")
        self.console.print(Text(words.closing(event), style=style))
        for line in words.trouble(event):
            style = "yellow" if event.status == "waiting" else "red"
            self._say(line, style)
        for line in words.results(event.outputs):
            self.console.print(Text(f"  {line}"), soft_wrap=True)

    def _say(self, line: str, style: str = "") -> None:
        """A line of advice: words stay whole, and a command one line, so that it can be copied."""
        self.console.print(Text(line, style=style), soft_wrap=": callsheet " in line)

    def close(self) -> None:
        """Stop the live part and show the cursor again."""
        self.live.stop()

    def _line(self, mark: str, style: str, address: str, uses: str, how: str) -> Text:
        line = Text.assemble((f"{mark} ", style))
        line.append_text(self._columns(address, uses))
        line.append(f"  {how:>7}")
        return line

    def _address_width(self) -> int:
        """Cells for addresses: as the longest needs, within what the terminal has."""
        width = self.console.width
        most = width - 46 if width >= WIDE else width - 20
        return max(10, min(max(ADDRESS, self.progress.longest()), max(most, min(ADDRESS, width - 20))))

    def _columns(self, address: str, uses: str) -> Text:
        """Address and endpoint, as far as the terminal is wide."""
        width, room = self.console.width, self._address_width()
        shown = fitted_address(address, room, self.progress.shared(address))
        columns = Text(shown, "bold" if uses else "")
        if uses and width >= WIDE:
            columns.append("  " + fitted(words.short(uses), max(12, min(40, width - room - 38))), "dim")
        return columns

    def _print(self, line: Text) -> None:
        line.truncate(max(20, self.console.width - 1), overflow="ellipsis")
        self.console.print(line)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """The live part: at most a dozen rows, and the footer."""
        now = self.now()
        for node in self._long_nodes():
            yield self._node_row(node, now)
        for active in list(self.active.values())[:ROWS]:
            yield self._row(active, now)
        if len(self.active) > ROWS:
            yield Text(f"  … and {len(self.active) - ROWS} more", style="dim")
        yield self._footer(now)

    def _long_nodes(self) -> list[NodeProgress]:
        """The nodes with many instances that are being made; the first few."""
        at_work = {id(self.progress.of(address)) for address in self.active}
        nodes = [node for node in self.progress.nodes.values() if node.is_long and not node.is_over]
        return [node for node in nodes if node.ended or id(node) in at_work][:NODES]

    def _node_left(self, node: NodeProgress, now: float) -> float | None:
        return node.left(now, sum(address in node.addresses for address in self.active))

    def _node_row(self, node: NodeProgress, now: float) -> Text:
        row = Text.assemble("  ", (fitted(node.name, self._address_width()), "bold"), "  ")
        row.append_text(_bar(node.ended / node.total))
        row.append(f"  {node.ended}/{node.total}")
        row.append_text(_time_left(self._node_left(node, now)))
        row.truncate(max(20, self.console.width - 1))
        return row

    def _row(self, active: Active, now: float) -> Text:
        row = Text()
        frame = self.spinner.render(now)
        row.append_text(frame if isinstance(frame, Text) else Text("·"))
        row.append(" ")
        row.append_text(self._columns(active.event.address, active.event.uses))
        row.append(f"  {words.clock(active.passed(now)):>7}  ")
        if active.fraction is not None and self.console.width >= WIDE:
            row.append_text(_bar(active.fraction))
        elif active.state:
            row.append(active.state, "yellow")
        row.truncate(max(20, self.console.width - 1))
        return row

    def _footer(self, now: float) -> Text:
        if self.total and self.console.width >= WIDE:
            footer = _bar(min(self.done / self.total, 1.0)).append(" ")
        else:
            footer = Text("── ", style="bright_black")
        footer.append(f"{self.done}/{self.total}", "bold")
        footer.append(f" done  {words.clock(now - self.began)}", "")
        active = {address: one.passed(now) for address, one in self.active.items()}
        if self.done < self.total:
            left = self.progress.left(now - self.began, active)
            longest = max((self._node_left(node, now) or 0.0 for node in self._long_nodes()), default=0.0)
            footer.append_text(_time_left(None if left is None else max(left, longest)))
        if self.failed:
            footer.append(f"  {self.failed} failed", "red")
        footer.append(
            "  free" if self.preview else f"  {words.spent(self.usd, self.unpriced)} of {self.planned}",
            "yellow",
        )
        footer.truncate(max(20, self.console.width - 1))
        return footer


def _bar(fraction: float) -> Text:
    """`BAR` cells, filled so far; also readable without colours."""
    filled = round(fraction * BAR)
    return Text.assemble(("━" * filled, "magenta"), ("─" * (BAR - filled), "bright_black"))


def _time_left(seconds: float | None) -> Text:
    """`about 3m 10s left`; nothing where it is not known, or no time to speak of."""
    if seconds is None or seconds < LEAST:
        return Text()
    return Text(f"  about {words.clock(round(seconds))} left".replace(".0s", "s"), "cyan")
