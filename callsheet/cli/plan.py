"""`callsheet plan`: what would be made, why, and for how much."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.options import parse_sets, pipeline_options, store_option

if TYPE_CHECKING:
    from callsheet.runtime.forecast import Forecast
    from callsheet.runtime.plan import Plan

MARKS: Final = {"reuse": "=", "fetch": ">", "make": "+", "may change": "?", "in doubt": "!", "waits": "|"}
WORDS: Final = {
    "make": "to make",
    "may change": "may change",
    "fetch": "to fetch",
    "reuse": "reused",
    "in doubt": "in doubt",
    "waits": "waiting for a person",
}
Row = tuple[str, str, str, str, str]


@click.command("plan")
@pipeline_options
@click.option("--verbose", "-v", is_flag=True, help="Every instance, not one line a node.")
@click.option("as_json", "--json", is_flag=True, help="Print the plan as one JSON object.")
@click.option("--exit-code", is_flag=True, help="Exit with 2 when something would be made.")
@store_option
def command(
    file: Path,
    sets: tuple[str, ...],
    inputs: Path | None,
    verbose: bool,
    as_json: bool,
    exit_code: bool,
    store: str,
) -> int:
    """Say what would be made, why, and for how much. Makes nothing.

    = reused, + made, ? made unless what it depends on comes out the same, > paid for and to be fetched,
    ! in doubt, | made once a person has approved what it depends on.
    """
    from callsheet.api import load
    from callsheet.runtime.gates import gates_of
    from callsheet.runtime.lock import lock_path, read
    from callsheet.runtime.outlook import outlook

    lock = read(lock_path(file))
    graph = load(file, parse_sets(sets), inputs)
    seen = outlook(graph, Path(".callsheet"), lock, store, gates=gates_of(lock))
    planned, forecasts = seen.plan, seen.foreseen
    click.echo(_json(planned, forecasts) if as_json else _text(planned, forecasts, verbose))
    pending = any(f.action != "reuse" for f in forecasts)
    return 2 if exit_code and pending else 0


def _json(planned: Plan, forecasts: tuple[Forecast, ...]) -> str:
    from callsheet.runtime.forecast import range_of

    data = planned.to_json()
    low, high, unpriced = range_of(forecasts)
    data["usd"] = {"low": round(low, 6), "high": None if unpriced else round(high, 6), "unpriced": unpriced}
    steps = data["steps"]
    assert isinstance(steps, list)
    for step, found in zip(steps, forecasts, strict=True):
        step.update({"action": found.action, "reason": found.reason})
    return json.dumps(data, ensure_ascii=False, indent=2)


def _text(planned: Plan, forecasts: tuple[Forecast, ...], verbose: bool) -> str:
    rows = [_row(name, found) for name, found in _groups(planned, forecasts, verbose).items()]
    widths = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
    return "\n".join([planned.graph.name, "", *(_line(row, widths) for row in rows), "", _total(forecasts)])


def _line(row: Row, widths: list[int]) -> str:
    name, count, uses, cost, why = row
    return (
        f"  {name:<{widths[0]}}  {count:>{widths[1]}}  {uses:<{widths[2]}}  {cost:>{widths[3]}}  {why}"
    ).rstrip()


def _groups(
    planned: Plan, forecasts: tuple[Forecast, ...], verbose: bool
) -> dict[tuple[str, str], list[Forecast]]:
    groups: dict[tuple[str, str], list[Forecast]] = {}
    for found in forecasts:
        name = found.step.address if verbose else planned.graph.instances[found.step.address].node
        groups.setdefault((name, found.action), []).append(found)
    return groups


def _row(group: tuple[str, str], found: list[Forecast]) -> Row:
    name, action = group
    reasons = list(dict.fromkeys(f.reason for f in found if f.reason))
    why = reasons[0] if len(reasons) == 1 else f"{reasons[0]}, …" if reasons else ""
    count = f"×{len(found)}" if len(found) > 1 else ""
    return f"{MARKS[action]} {name}", count, found[0].step.uses, _cost(found), why


def _cost(found: list[Forecast]) -> str:
    from callsheet.cli.views.words import money

    if found[0].step.provider == "local" or found[0].action not in ("make", "may change"):
        return ""
    if any(f.usd is None for f in found):
        return "unpriced"
    return money(sum(f.usd or 0.0 for f in found))


def _total(forecasts: tuple[Forecast, ...]) -> str:
    from callsheet.cli.views.words import money, price
    from callsheet.runtime.forecast import range_of

    counts = {action: sum(f.action == action for f in forecasts) for action in WORDS}
    parts = [f"{count} {WORDS[action]}" for action, count in counts.items() if count]
    low, high, unpriced = range_of(forecasts)
    cost = price(low, unpriced) if high == low else f"{money(low)} to {price(high, unpriced)}"
    return f"{', '.join(parts)}: {cost}"
