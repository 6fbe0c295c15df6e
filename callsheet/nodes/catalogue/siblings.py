"""Prices of new values of an endpoint, by its siblings: an added `4k` does not cost the same as 720p.

An OpenAPI document has no prices. Where it has a value or an endpoint that hand knowledge does not have, the
tier of the nearest sibling that knows it is the upper bound: that of `fal-ai/veo3.1/fast` for
`fal-ai/veo3.1/fast/extend`. Where no sibling knows the value, the price is unknown; it is never taken from
another value.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from callsheet.nodes.catalogue.records import Records

Data = dict[str, Any]
Record = Mapping[str, Any]
Tiers = Mapping[str, Mapping[Any, float]]
"""Parameter → value → how many times the price of the cheapest value it costs, at most."""

MOST: Final = 12
"""Siblings of the same nearness that are looked at."""
MOVE_PRICES: Final = (
    *("resolution", "video_resolution", "output_resolution", "quality", "video_quality"),
    *("mode", "rendering_speed", "upscale_factor", "generate_audio"),
)
"""Parameters whose values usually have prices of their own."""


def siblings(endpoint: str, known: Records) -> list[list[Record]]:
    """The priced endpoints of the same family, those first whose ids have more in common with `endpoint`."""
    own = endpoint.split("/")
    groups: dict[int, list[str]] = {}
    for name in known.tasks:
        if name != endpoint and (count := _common(own, name.split("/"))) > 1:
            groups.setdefault(count, []).append(name)
    found = ([known.get(name) for name in groups[count][:MOST]] for count in sorted(groups, reverse=True))
    return [[record for record in group if record and "price" in record] for group in found]


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count


def tiers(groups: list[list[Record]]) -> Tiers:
    """The tiers of a family: for each value the dearest tier of the nearest endpoints that know the value."""
    found: dict[str, dict[Any, float]] = {}
    for group in groups:
        nearest: dict[tuple[str, Any], float] = {}
        for record in group:
            for name, value, times in _tiers(record["price"]):
                nearest[name, value] = max(times, nearest.get((name, value), 1.0))
        for (name, value), times in nearest.items():
            found.setdefault(name, {}).setdefault(value, times)
    return found


def _tiers(price: Record) -> Iterator[tuple[str, Any, float]]:
    for name in _named(price):
        groups: dict[str, list[tuple[list[Any], float]]] = {}
        for rate in price.get("rates", ()):
            when = _when(rate)
            rest = repr(sorted((n, v) for n, v in when.items() if n != name))
            if rate.get("usd"):
                groups.setdefault(rest, []).append((when.get(name, []), rate["usd"]))
        for rates in groups.values():
            least = min(usd for _, usd in rates)
            yield from ((name, value, usd / least) for values, usd in rates for value in values)
        for factor in price.get("factors", ()):
            for value in _when(factor).get(name, []):
                yield name, value, max(factor["times"], 1.0)


def _when(part: Record) -> dict[str, list[Any]]:
    """Parameter → values of the conditions of a rate, those about parameters alone."""
    when = part.get("when", {})
    lists = {n: v if isinstance(v, list) else [v] for n, v in when.items() if not n.startswith("@")}
    return {n: [v for v in values if isinstance(v, str | int | float)] for n, values in lists.items()}


def unchecked(name: str, value: object, times: float) -> Data:
    """A factor of a price that makes it a range: nobody has checked whether this value has this tier."""
    return {"times": round(times, 4), "when": {name: value, "@unchecked": True}}


def with_tiers(price: Record, inputs: Record, known: Record, beside: Tiers) -> Data:
    """The price of the record `known`, for an endpoint that takes `inputs` today.

    beside: the tiers of the siblings. What is new there is a range up to the siblings' tier, or unknown.
    """
    unknown: list[Data] = []
    factors: list[Data] = []
    for name, value in _news(price, inputs, known):
        if (times := beside.get(name, {}).get(value)) is not None:
            if times > 1:
                factors.append(unchecked(name, value, times))
        elif name in MOVE_PRICES or name in _named(price):
            unknown.append({"when": {name: value}})
    if not unknown and not factors:
        return dict(price)
    return {
        **price,
        "rates": [*unknown, *price.get("rates", ())],
        "factors": [*price.get("factors", ()), *factors],
    }


def _named(price: Record) -> set[str]:
    """The parameters that the price depends on."""
    return {name for part in _parts(price) for name in _when(part)}


def _parts(price: Record) -> list[Record]:
    return [*price.get("rates", ()), *price.get("factors", ())]


def _news(price: Record, inputs: Record, known: Record) -> Iterator[tuple[str, Any]]:
    """(parameter, value) that the endpoint takes today, and that the price rule cannot be about."""
    for name, data in inputs.items():
        values = [True, False] if data.get("type") == "boolean" else data.get("enum", [])
        before = known["inputs"].get(name)
        if before is None and known.get("open"):
            continue  # the price was read from a page that has this parameter
        if before is None:
            meant = [data["default"]] if "default" in data else []
        elif before.get("type") == "boolean" or "enum" not in before:
            continue
        else:
            meant = before["enum"]
        said = [value for part in _parts(price) for value in _when(part).get(name, [])]
        texts = {str(value).lower() for value in (*meant, *said)}
        yield from ((name, value) for value in values if str(value).lower() not in texts)
