"""The explanation of an instance as lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.cli.output import style
from callsheet.cli.views.facts import fact_lines
from callsheet.cli.views.price_source import source_of
from callsheet.cli.views.wording import printable
from callsheet.runtime.explain import Explanation, Part
from callsheet.runtime.plan.forecast import COSTS
from callsheet.runtime.shots import FilmShot
from callsheet.spec.money import money, span
from callsheet.spec.plural import plural
from callsheet.spec.wording import shown

NAMED: Final = 6
"""Affected instances that are named."""
DIGITS: Final = 12
"""Of a key."""
ACTIONS: Final = {"re-attach": "to fetch"}
"""Actions whose name in JSON is not what a person reads."""


def explanation_lines(found: Explanation, colour: bool) -> Iterator[str]:
    """The action, the key, every parameter with its last value, and the affected instances."""
    step, reason = found.forecast.step, found.forecast.reason
    head = f"{step.address}  {step.uses}"
    yield style(printable(head), "bold") if colour else printable(head)
    action = ACTIONS.get(found.forecast.action, found.forecast.action)
    yield printable(f"  {action}{f': {reason}' if reason else ''}")
    yield f"  {_keys(found)}"
    if found.where:
        yield printable(f"  made on {found.where}")
    if (price := step.quote) is not None and step.provider != "local" and found.forecast.action in COSTS:
        amount = "" if price.low is None or price.high is None else f"{span(price.low, price.high)} "
        yield printable(f"  {amount}{source_of(price)}")
        if price.low != price.high:
            yield from (printable(f"    a range: {why}") for why in price.why)
    yield ""
    width = max((len(part.name) for part in found.parts), default=0)
    for part in found.parts:
        yield from _part(part, width, colour)
    yield ""
    for line in fact_lines(found.expected):
        yield printable(f"makes {line}")
    for name, value in found.told.items():
        yield printable(f"{name}: {shown(value)}")
    yield from map(printable, _shots(found.shots))
    yield printable(_affected(found))


def _shots(shots: Sequence[FilmShot]) -> Iterator[str]:
    """`shot 2 at 8.000 s, 192 frames: clip["storm"]`, for each shot of a joined film."""
    for one in shots:
        take = f"#{one.take}" if one.take > 1 else ""
        name = f"{one.address}{take}" if one.address else "a file of your own"
        yield f"shot {one.number} at {one.shot.at:.3f} s, {plural(one.shot.frames, 'frame')}: {name}"


def _keys(found: Explanation) -> str:
    key, before = found.forecast.key, found.before
    if not key:
        return f"its key is known once its inputs are made{f'; it was {before[:DIGITS]}' if before else ''}"
    if not before:
        return f"key {key[:DIGITS]}, the first time"
    same = "as last time" if key == before else f"last time {before[:DIGITS]}"
    return f"key {key[:DIGITS]}, {same}"


def _part(part: Part, width: int, colour: bool) -> Iterator[str]:
    origin = f"  from {part.source}" if part.source else ""
    changed = part.was is not None
    mark = "~" if changed else " "
    line = printable(f"  {mark} {part.name:<{width}}  {part.value or 'not given'}{origin}")
    yield style(line, "yellow") if changed and colour else line
    if changed:
        yield printable(f"    {'':<{width}}  was {part.was or 'not given'}")


def _affected(found: Explanation) -> str:
    """`affects clip["dawn"], film: at most $0.40`."""
    names = [f.step.address for f in found.reaches]
    names += [f"{prospect.node} (at most {prospect.most})" for prospect in found.pending]
    if not names:
        return "affects nothing else"
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    usd = sum(f.step.usd or 0.0 for f in found.reaches) + sum(p.usd or 0.0 for p in found.pending)
    return f"affects {', '.join(names[:NAMED])}{more}" + (f": at most {money(usd)}" if usd else "")
