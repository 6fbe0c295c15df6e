"""`callsheet explain`: what one instance is made of, what changed, what that reaches."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli.options import parse_sets, pipeline_options
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.runtime.explain import Explanation, Part

NAMED: Final = 6
DIGITS: Final = 12


@click.command("explain")
@pipeline_options
@click.argument("address")
@click.option("as_json", "--json", is_flag=True, help="Print the explanation as one JSON object.")
def command(file: Path, sets: tuple[str, ...], inputs: Path | None, address: str, as_json: bool) -> None:
    """Say what the key of ADDRESS is made of, how it differs from the last time, and what that reaches."""
    from callsheet.api import load
    from callsheet.runtime.explain import explain

    graph = load(file, parse_sets(sets), inputs)
    found = explain(graph, address, Workspace.of(file))
    if as_json:
        click.echo(json.dumps(found.to_json(), ensure_ascii=False, indent=2))
    else:
        click.echo("\n".join(_lines(found, sys.stdout.isatty())))


def _lines(found: Explanation, colour: bool) -> Iterator[str]:
    from callsheet.cli.views.wording import printable

    step, reason = found.forecast.step, found.forecast.reason
    head = f"{step.address}  {step.uses}"
    yield click.style(printable(head), bold=True) if colour else printable(head)
    yield printable(f"  {found.forecast.action}{f': {reason}' if reason else ''}")
    yield f"  {_keys(found)}"
    yield ""
    width = max((len(part.name) for part in found.parts), default=0)
    for part in found.parts:
        yield from _part(part, width, colour)
    yield ""
    yield printable(_reaches(found))


def _keys(found: Explanation) -> str:
    key, before = found.forecast.key, found.before
    if not key:
        return f"its key is known when what it needs is made{f'; it was {before[:DIGITS]}' if before else ''}"
    if not before:
        return f"key {key[:DIGITS]}, the first one"
    same = "as the last time" if key == before else f"the last time {before[:DIGITS]}"
    return f"key {key[:DIGITS]}, {same}"


def _part(part: Part, width: int, colour: bool) -> Iterator[str]:
    from callsheet.cli.views.wording import printable

    origin = f"  from {part.source}" if part.source else ""
    changed = part.was is not None
    mark = "~" if changed else " "
    line = printable(f"  {mark} {part.name:<{width}}  {part.value or 'not given'}{origin}")
    yield click.style(line, fg="yellow") if changed and colour else line
    if changed:
        yield printable(f"    {'':<{width}}  was {part.was or 'not given'}")


def _reaches(found: Explanation) -> str:
    """`reaches clip["dawn"], film: at most $0.40`."""
    from callsheet.cli.views.wording import money

    names = [f.step.address for f in found.reaches]
    names += [f"{prospect.node} (at most {prospect.most})" for prospect in found.more]
    if not names:
        return "reaches nothing else"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    usd = sum(f.step.usd or 0.0 for f in found.reaches) + sum(p.usd or 0.0 for p in found.more)
    return f"reaches {', '.join(names[:NAMED])}{more}" + (f": at most {money(usd)}" if usd else "")
