"""How a plan looks: a few aligned lines, in colour where a person sits, plain and whole elsewhere."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from textwrap import wrap
from typing import TYPE_CHECKING, Final

from callsheet.cli.output import coloured, style
from callsheet.cli.views.cut import BELOW, USES, columns, cut
from callsheet.cli.views.facts import fact_lines
from callsheet.cli.views.plan_rows import row_lines
from callsheet.cli.views.price_source import source_of
from callsheet.cli.views.wording import clock, price, printable, short, some
from callsheet.dsl.diagnostics.render import width_of
from callsheet.nodes.media.inspector import facts_of
from callsheet.nodes.openapi.live_list import SYNC
from callsheet.runtime.found_again import NOT_IN_LEDGER
from callsheet.runtime.plan.estimate import Cost, Time
from callsheet.runtime.plan.expected_outputs import expected_outputs
from callsheet.runtime.plan.forecast import (
    COSTS,
    MAKES_NOTHING,
    NOT_AS_NAMED,
    OTHER_HERE,
    PICKED_BEFORE,
    Action,
    Forecast,
)
from callsheet.runtime.plan.upper_bound import UpperBound
from callsheet.runtime.plan_outcome import Outcome, counts
from callsheet.spec import shell
from callsheet.spec.money import money, span
from callsheet.spec.price.age import OLD_DAYS, is_old

if TYPE_CHECKING:
    from callsheet.runtime.plan.budget import Budget
    from callsheet.spec.price.quote import Quote

MARKS: Final[Mapping[Action, str]] = {
    "make": "+",
    "may change": "~",
    "re-attach": ">",
    "blocked": "#",
    "declined": "x",
    "unknown": "?",
    "reuse": "=",
    "skipped": "-",
}
COLOURS: Final[Mapping[Action, str]] = {
    "make": "green",
    "may change": "yellow",
    "re-attach": "cyan",
    "blocked": "magenta",
    "declined": "red",
    "unknown": "red",
}
COUNTED: Final[Mapping[Action, str]] = {
    "make": "to make",
    "may change": "may change",
    "re-attach": "to fetch",
    "blocked": "blocked",
    "declined": "declined",
    "unknown": "unknown",
    "reuse": "reused",
    "skipped": "skipped",
}
APART: Final = 4
"""Reasons of one node that get a line each; where there are more, one line stands for all."""
PAGE: Final = 80
"""Columns of a sentence; what is longer goes on in the next line."""
RIGHT: Final = (1, 3)
"""Columns whose cells end under each other: how many, and how much."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table."""

    action: Action
    name: str
    count: str
    uses: str
    usd: str
    reason: str
    facts: tuple[str, ...] = ()

    @property
    def cells(self) -> tuple[str, ...]:
        return self.name, self.count, self.uses, self.usd


def shown(outcome: Outcome, verbose: bool = False) -> str:
    """The plan as text for where it goes: a terminal, or a file."""
    return plan_text(outcome, verbose, None if verbose else columns(), coloured(sys.stdout))


def plan_text(
    outcome: Outcome, verbose: bool = False, columns: int | None = None, colour: bool = False
) -> str:
    """The plan as lines. verbose: every instance. columns: of the terminal, None to cut nothing."""
    rows = [*(_every(outcome) if verbose else _short(outcome.forecasts)), *map(_to_come, outcome.pending)]
    body = list(_aligned(rows, columns, colour))
    head = style(printable(outcome.graph.name), "bold") if colour else printable(outcome.graph.name)
    films = (
        list(row_lines(outcome.graph, outcome.forecasts, verbose, bool(outcome.pending)))
        if outcome.graph.rows
        else []
    )
    blocks = [[head], body, films, list(_needs(outcome)), list(_summary(outcome, verbose, colour))]
    return "\n\n".join("\n".join(block) for block in blocks if block)


def _needs(outcome: Outcome) -> Iterator[str]:
    """What a person has to grant, whether it is granted already or not; what would be paid twice; and what
    could be mistaken."""
    for need in (need for need in outcome.needs if need.kind != "price"):
        yield f"! {printable(str(need))}"
    for reason in (OTHER_HERE, NOT_AS_NAMED, PICKED_BEFORE):
        if named := [f.step.address for f in outcome.forecasts if f.reason == reason]:
            yield f"! {printable(some(named))}: {reason}"
    if found := outcome.elsewhere:
        yield f"! {printable(str(found))}; {printable(found.next_step)}"
    for shot in outcome.short:
        yield f"! {printable(str(shot))}"
    for problem in outcome.near:
        yield f"! {printable(problem.message)}; {printable(problem.help)}"


def _every(outcome: Outcome) -> Iterator[Row]:
    expected = expected_outputs(outcome.graph, outcome.forecasts, facts_of)
    for found in outcome.forecasts:
        facts = expected.get(found.step.address, {})
        unsure = {name: one for name, one in facts.items() if one.guesses}
        lines = [*_price_of(found), *fact_lines(unsure)]
        yield replace(_row(found.step.address, [found]), facts=tuple(lines))
    for address in outcome.graph.skipped:
        yield Row("skipped", address, "", "", "", "its `when` is false")


def _price_of(found: Forecast) -> Iterator[str]:
    """Where the price of a call comes from that would be bought."""
    if found.step.quote and found.step.provider != "local" and found.action in COSTS:
        yield f"price {source_of(found.step.quote)}"


def _short(forecasts: Sequence[Forecast]) -> Iterator[Row]:
    """One line for each node, action and reason; what is reused or skipped is only counted."""
    nodes: dict[tuple[str, Action], dict[str, list[Forecast]]] = {}
    for found in forecasts:
        if found.action not in MAKES_NOTHING:
            groups = nodes.setdefault((found.step.node, found.action), {})
            groups.setdefault(found.reason, []).append(found)
    for (node, _), groups in nodes.items():
        if len(groups) > APART:
            yield _row(node, [found for group in groups.values() for found in group])
        else:
            yield from (_row(node, group) for group in groups.values())


def _row(name: str, group: Sequence[Forecast]) -> Row:
    first = group[0]
    several = len(group) > 1
    reasons = dict.fromkeys(found.reason for found in group)
    models = dict.fromkeys(short(found.step.uses) for found in group)
    others = f" +{len(models) - 1}" if len(models) > 1 else ""
    more = f" and {len(reasons) - 1} more reasons" if len(reasons) > 1 else ""
    return Row(
        first.action,
        name if several else first.step.address,
        f"×{len(group)}" if several else "",
        short(first.step.uses) + others,
        _usd(group),
        first.reason + more,
    )


def _to_come(bound: UpperBound) -> Row:
    """Instances on an axis whose list comes with the run: `? clip  ≤12  veo3.1  ≤$14.40`."""
    usd = "unpriced" if bound.usd is None else f"≤{money(bound.usd)}"
    usd = "" if bound.provider == "local" else usd
    after = bound.after[0] if len(bound.after) == 1 else "their lists"
    reason = f"known when {after} {'is' if len(bound.after) == 1 else 'are'} made"
    return Row("unknown", bound.node, f"≤{bound.most}", short(bound.uses), usd, reason)


def _usd(group: Sequence[Forecast]) -> str:
    first = group[0]
    if first.step.provider == "local" or first.action not in ("make", "may change", "blocked"):
        return ""
    prices = [found.step.usd for found in group]
    if None in prices:
        return "unpriced"
    return span(sum(found.step.least for found in group), sum(usd or 0.0 for usd in prices))


def _aligned(rows: Sequence[Row], columns: int | None, colour: bool) -> Iterator[str]:
    """Each row with its cells under those of the others; a column that is empty everywhere takes no room."""
    cells = [_cells(row, columns) for row in rows]
    widths = [max(map(width_of, column), default=0) for column in zip(*cells, strict=True)]
    left = sum(width + 2 for width in widths if width) + 4
    for row, texts in zip(rows, cells, strict=True):
        padded = [_padded(t, w, right=i in RIGHT) for i, (t, w) in enumerate(zip(texts, widths, strict=True))]
        tinted = _tinted(row, padded) if colour else padded
        mark = MARKS[row.action]
        mark = style(mark, COLOURS.get(row.action), "bold") if colour else mark
        line = "  ".join(text for text, width in zip(tinted, widths, strict=True) if width)
        yield from _with_reason(f"  {mark} {line}", row, left, columns, colour)


def _with_reason(line: str, row: Row, left: int, columns: int | None, colour: bool) -> Iterator[str]:
    """The reason beside the cells, or below them where it would not fit beside."""
    reason = printable(row.reason)
    below = columns is not None and left + width_of(reason) > columns
    if columns is not None:
        reason = cut(reason, columns - (len(BELOW) if below else left))
    reason = style(reason, "dim") if colour and row.action in MAKES_NOTHING else reason
    yield line.rstrip() if below else f"{line}  {reason}".rstrip()
    if below:
        yield f"{BELOW}{reason}"
    for facts in row.facts:
        yield f"{BELOW}{style(printable(facts), 'dim') if colour else printable(facts)}"


def _cells(row: Row, columns: int | None) -> list[str]:
    name, count, uses, usd = map(printable, row.cells)
    return [name, count, cut(uses, USES if columns else None), usd]


def _tinted(row: Row, cells: Sequence[str]) -> list[str]:
    name, count, uses, usd = cells
    tint = COLOURS.get(row.action)
    return [
        style(name, tint or "dim"),
        style(count, "dim"),
        style(uses, "dim"),
        usd,
    ]


def _summary(outcome: Outcome, verbose: bool, colour: bool) -> Iterator[str]:
    found = counts(outcome)
    named = [f"{count} {COUNTED[action]}" for action, count in found.items()]
    named += [f"at most {sum(p.most for p in outcome.pending)} not known yet"] if outcome.pending else []
    parts = ", ".join(named)
    pending = outcome.pending or any(action not in MAKES_NOTHING for action in found)
    if not pending:
        yield f"nothing to make: {parts}" if parts else "nothing to make"
        yield from () if verbose else _found(outcome)
        yield from _held(outcome)
        return
    usd = amount(outcome.cost)
    yield f"{parts}: {style(usd, 'bold') if colour else usd}"
    if outcome.cost.worst > outcome.cost.high:
        yield f"{money(outcome.cost.worst)} at worst, if every retry and every fallback is needed and billed"
    if outcome.cost.unbounded:
        yield f"more at worst: {outcome.cost.unbounded} may fall back to a model without a known price"
    if outcome.cost.blocked:
        yield f"{money(outcome.cost.blocked)} more for what is blocked now"
    yield from () if verbose else _found(outcome)
    yield from _open(outcome)
    yield from _own(outcome)
    yield from _old(outcome)
    if outcome.budget is not None:
        yield printable(_limit(outcome.budget, outcome))
    if outcome.time.path:
        yield _duration(outcome.time)
    yield from _held(outcome)


def _found(outcome: Outcome) -> Iterator[str]:
    """Where results come from that are not simply here."""
    reasons = Counter(found.reason for found in outcome.forecasts if found.action == "reuse" and found.reason)
    for reason, count in reasons.items():
        yield printable(f"{count} reused, {reason}")
    if not outcome.ledger and any(reason.startswith(NOT_IN_LEDGER) for reason in reasons):
        yield "there is no ledger: only the provider's list of requests tells what was under way"


def _open(outcome: Outcome) -> Iterator[str]:
    """Why prices are ranges, one line for each reason."""
    why: dict[str, dict[str, None]] = {}
    for found in outcome.forecasts:
        if found.step.quote and found.step.quote.why and found.action in COSTS:
            why.setdefault(" and ".join(found.step.quote.why), {})[found.step.node] = None
    for reason, nodes in list(why.items())[:APART]:
        said = printable(f"a range for {', '.join(nodes)}: {reason}")
        yield from wrap(said, PAGE, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False)
    if len(why) > APART:
        yield f"and {len(why) - APART} more reasons; --json has them all"


def _own(outcome: Outcome) -> Iterator[str]:
    """Prices that the project states: those that count, and those that are less than what is known."""
    quotes = [(f.step.uses, f.step.quote) for f in outcome.forecasts if f.action in COSTS and f.step.quote]
    yours = dict.fromkeys(uses for uses, quote in quotes if quote.origin == "yours")
    if yours:
        yield printable(f"prices of models/prices.yaml count for {', '.join(yours)}")
    lower = ((uses, quote.lower, quote.high is None) for uses, quote in quotes if quote.lower)
    for uses, place, unknown in dict.fromkeys(lower):
        said = f"{place} says less for {uses} than is known; the higher price counts"
        if unknown:
            said = f"{place} says that {uses} costs nothing, which nobody else says; it counts as unpriced"
        yield printable(f"{said} until you grant it: callsheet run … --own-price {shell.quoted(uses)}")
    yield from _counted("prices of this project's own bills count for {}", quotes, "observed")
    yield from _counted("list prices, which have no tiers, count for {}", quotes, "list")


def _counted(said: str, quotes: Sequence[tuple[str, Quote]], origin: str) -> Iterator[str]:
    """For which models prices of this origin count, and of which day they are."""
    days: dict[str, str] = {}
    for uses, quote in quotes:
        if quote.origin == origin and quote.high is not None and not quote.agrees:
            days[uses] = quote.date
    if days:
        named = ", ".join(f"{uses} ({day})" if day else uses for uses, day in list(days.items())[:APART])
        more = f" and {len(days) - APART} more" if len(days) > APART else ""
        yield printable(said.format(named) + more)


def _old(outcome: Outcome) -> Iterator[str]:
    """That prices were read long ago. The provider's list has no tiers: where it was read since, it is of no
    more help."""
    quotes = (found.step.quote for found in outcome.forecasts if found.action in COSTS)
    days = [quote.date for quote in quotes if quote and quote.high and is_old(quote.date)]
    if days:
        fresh = outcome.listed and not is_old(outcome.listed)
        step = "write yours into models/prices.yaml" if fresh else SYNC
        yield f"prices read more than {OLD_DAYS} days ago, the oldest {min(days)}: {step}"


def _held(outcome: Outcome) -> Iterator[str]:
    """What is here and waits for a person, as the run will say too."""
    held = [printable(found.step.address) for found in outcome.forecasts if found.held]
    if held:
        rest = f" and {len(held) - APART} more" if len(held) > APART else ""
        yield f"waiting for a person: {', '.join(held[:APART])}{rest}"


def _limit(budget: Budget, outcome: Outcome) -> str:
    """The budget, and what does not fit into it."""
    if problem := budget.problem(outcome.forecasts, outcome.cost):
        return f"over budget: {problem.message}"
    return budget.warning(outcome.cost) or f"the budget is {budget}"


def amount(cost: Cost) -> str:
    """`$0.30 to $2.70 and 2 calls without a known price`."""
    if money(cost.low) == money(cost.high):
        return price(cost.high, cost.unpriced)
    return f"{money(cost.low)} to {price(cost.high, cost.unpriced)}"


def _duration(time: Time) -> str:
    """`about 4m 10s along a → b → c, by earlier results (1 of 3 guessed)`."""
    path = list(map(printable, time.path))
    shown = path if len(path) <= 5 else [*path[:2], "…", *path[-2:]]
    guessed = len(path) - time.measured
    how = {0: "by earlier results", len(path): "guessed"}.get(guessed, f"{guessed} of {len(path)} guessed")
    return f"about {clock(time.seconds)} along {' → '.join(shown)} ({how})"


def _padded(text: str, width: int, right: bool) -> str:
    blanks = " " * (width - width_of(text))
    return blanks + text if right else text + blanks
