"""Where gathered facts contradict types and pages: kept as drift, which `models show` prints."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from merge import defaults_in

from callsheet.spec.price.read import price_from

Data = dict[str, Any]


def newer(fact: Data, hand: Mapping[str, Any] | None, types: Mapping[str, Any] | None) -> list[str]:
    """One line for each contradiction, such as `resolution: also 4k`.

    hand, types: the records that the other sources give, where they have the endpoint.
    """
    known = (hand or types or {}).get("inputs", {})
    return [*_parameters(fact, known), *_defaults(fact, known), *_price(fact, hand)]


def _defaults(fact: Data, known: Mapping[str, Data]) -> Iterator[str]:
    """What counts where a parameter is not given, where the facts say it otherwise."""
    for name, value in {**defaults_in(fact.get("allows", {})), **fact.get("defaults", {})}.items():
        stated = known.get(name, {}).get("default", value)
        if str(stated) != str(value):
            yield f"{name}: {value} by default, not {stated}"


def _parameters(fact: Data, known: Mapping[str, Data]) -> Iterator[str]:
    for name, values in fact.get("allows", {}).items():
        if name.endswith("_default"):
            continue
        if name not in known:
            yield f"{name}: new"
        elif isinstance(values, list):
            yield from _choices(name, values, listed(known[name]))
        elif isinstance(values, dict):
            yield from _bounds(name, values, known[name])


def listed(data: Data) -> list[Any]:
    """The values that a field lists, also as one of several forms; [] for an open one."""
    return [*data.get("enum", []), *(v for option in data.get("any", []) for v in listed(option))]


def _choices(name: str, values: list[Any], known: list[Any]) -> Iterator[str]:
    if not known:
        yield f"{name}: only {', '.join(map(str, values))}"
        return
    said, had = {str(v).lower() for v in values}, {str(v).lower() for v in known}
    if more := [str(v) for v in values if str(v).lower() not in had]:
        yield f"{name}: also {', '.join(more)}"
    if less := [v for v in dict.fromkeys(map(str, known)) if v.lower() not in said]:
        yield f"{name}: without {', '.join(less)}"
    if all(isinstance(v, str) for v in known) and any(type(v) is int for v in values):
        yield f"{name}: integers"


def _bounds(name: str, values: Mapping[str, Any], known: Data) -> Iterator[str]:
    for key, word in (("minimum", "from"), ("maximum", "to")):
        if key in values and key in known and values[key] != known[key]:
            yield f"{name}: {word} {values[key]:g}, not {known[key]:g}"


def _price(fact: Data, hand: Mapping[str, Any] | None) -> Iterator[str]:
    """The price of the facts where a page states another."""
    stated = (hand or {}).get("price") or {}
    if "price" not in fact or not any(rate.get("usd") is not None for rate in stated.get("rates", ())):
        return
    ours, theirs = (price_from({"rates": [], **rule}, {}).formula for rule in (stated, fact["price"]))
    if ours != theirs:
        yield f"price: {theirs} ({', '.join(fact['sources'])}, {fact['date']})"
