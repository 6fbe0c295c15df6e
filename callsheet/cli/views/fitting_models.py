"""Models at one setting, as a table that fits 80 columns, and as JSON values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from callsheet.runtime.fitting_models import Fit
from callsheet.spec.money import span
from callsheet.spec.price.age import is_old

NAME: Final = 44
WIDTH: Final = 80


def fits_text(found: Sequence[Fit]) -> str:
    """One line for each model; a second one where there is something to say."""
    return "\n".join(line for fit in found for line in _lines(fit))


def _lines(fit: Fit) -> Iterator[str]:
    name = fit.endpoint
    if len(name) > NAME:
        yield name
        name = ""
    length = "" if fit.seconds is None else f"{fit.seconds:g} s"
    sound = {True: "sound", False: "silent", None: ""}[fit.audio]
    line = f"{name:<{NAME}}  {length:>6}  {sound:<6}  {_price(fit)}".rstrip()
    yield line if len(line) <= WIDTH else f"{line[: WIDTH - 1]}…"
    if fit.problem:
        yield f"  cannot do that: {fit.problem}"


def _price(fit: Fit) -> str:
    low, high = fit.price.low, fit.price.high
    if low is None or high is None:
        return "unpriced"
    return span(low, high) + (" (old)" if is_old(fit.price.date) else "")
