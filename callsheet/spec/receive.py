"""Takes what was paid for as well as it fits: a strict check would lose the result."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.errors import NodeError
from callsheet.spec.conform import Keep, checked
from callsheet.spec.types import JSON, NOTHING, ListOf, Maybe, OneOf, Record, Scalar, Type

EXACT: Final = 2.0**53
"""From here on a float is not exactly one whole number."""


@dataclass(frozen=True, slots=True)
class Unfit:
    """A value that cannot be what it should be, and why: the end of a sentence about the output."""

    reason: str


def received(
    outputs: Mapping[str, Type], made: Mapping[str, object], keep: Keep
) -> tuple[dict[str, object], dict[str, str]]:
    """The outputs that were paid for. What does not fit is left out: an element of a list, a field of an
    object, or the whole output.

    keep: stores a media file, as for `delivered`; may give NOTHING for one that is not there.

    Returns the outputs, and place → why there is nothing.
    """
    flaws: dict[str, str] = {}
    values = {name: _taken(name, t, made.get(name, NOTHING), keep, flaws) for name, t in outputs.items()}
    return {name: value for name, value in values.items() if value is not NOTHING}, flaws


def _taken(place: str, t: Type, value: object, keep: Keep, flaws: dict[str, str]) -> object:
    match t:
        case Maybe(inner):
            absent = value is NOTHING or value is None
            return NOTHING if absent else _taken(place, inner, value, keep, flaws)
        case ListOf(item) if isinstance(value, list | tuple):
            taken = [_taken(f"{place}[{i}]", item, v, keep, flaws) for i, v in enumerate(value)]
            return [v for v in taken if v is not NOTHING]
        case Record() if isinstance(value, Mapping):
            return _record_taken(place, t, value, keep, flaws)
        case OneOf(options):
            return _best_fit(place, options, value, keep, flaws)
        case Scalar("integer") if isinstance(value, float) and value.is_integer() and abs(value) < EXACT:
            return int(value)
    if isinstance(value, Unfit):
        flaws[place] = f"the output {place} {value.reason}"
        return NOTHING
    try:
        return checked(place, t, value, keep)
    except NodeError as error:
        flaws[place] = error.message
        return NOTHING


def _record_taken(
    place: str, t: Record, value: Mapping[str, object], keep: Keep, flaws: dict[str, str]
) -> dict[str, object]:
    fields = {
        name: _taken(f"{place}.{name}", field.type, value.get(name, NOTHING), keep, flaws)
        for name, field in t.fields.items()
        if name in value or field.required
    }
    if t.open:
        more = {n: _taken(f"{place}.{n}", JSON, v, keep, {}) for n, v in value.items() if n not in fields}
        fields.update(more)
    return {name: v for name, v in fields.items() if v is not NOTHING}


def _best_fit(
    place: str, options: tuple[Type, ...], value: object, keep: Keep, flaws: dict[str, str]
) -> object:
    """By the first option without a flaw, or else by the one with the fewest."""
    tries = []
    for option in options:
        found: dict[str, str] = {}
        tries.append((_taken(place, option, value, keep, found), found))
    taken, found = min(tries, key=lambda tried: len(tried[1]))
    flaws.update(found)
    return taken
