"""What a step may come to: its price and the facts of its results, at both ends of what is not known yet.

A length that a model chooses is known only when the result is there. What is made from it is therefore priced
three times: as expected, at the least and at the most. A duration that is computed from it follows.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

from callsheet.dsl.check.static_facts import Instances, KnownFacts, Probe, known_parameters
from callsheet.dsl.graph import Instance
from callsheet.spec import size as sizes
from callsheet.spec.media import Facts, Foreseen
from callsheet.spec.node import Limits, NodeSpec
from callsheet.spec.price.call import FPS, SIDE, UNKNOWN, Call
from callsheet.spec.price.quote import Quote, call_of, quote
from callsheet.spec.price.span import Span, between

End = Literal["least", "most"]
ENDS: Final[tuple[End, End]] = ("least", "most")
PARTS: Final = {"seconds": "length", "width": "size", "height": "size", "fps": "frame rate"}
"""Fact → its name in a reason."""


NOTHING: Final = Facts()


@dataclass(frozen=True, slots=True)
class Expected(Facts):
    """Facts of a result of which some are only expected. least, most: the same facts at both ends. why: what
    is not known, one sentence each."""

    least: Facts = NOTHING
    most: Facts = NOTHING
    why: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The price of a step, and output name → the facts of what it makes."""

    quote: Quote
    facts: Mapping[str, Facts]


def outlook(instance: Instance, instances: Instances, known: KnownFacts, probe: Probe) -> Outlook:
    """What `instance` may come to. known: address → output → facts of all that it needs. probe: reads facts
    of the user's own media files."""
    spec = instance.spec
    likely = known_parameters(instance, instances, known, probe)
    needed = {address: known[address] for address in instance.needs if address in known}
    open_ones = [f for facts in needed.values() for f in facts.values() if isinstance(f, Expected)]
    why = tuple(dict.fromkeys(reason for facts in open_ones for reason in facts.why))
    ends = {
        end: _taken(spec, known_parameters(instance, instances, _at(end, needed), probe))
        if open_ones
        else likely
        for end in ENDS
    }
    facts = spec.facts(likely)
    first = _quote(instance, likely, facts)
    if open_ones:
        first = _hull(first, [_quote(instance, ends[end], spec.facts(ends[end])) for end in ENDS], why)
    edges = {end: _edge(instance, ends[end], end) for end in ENDS}
    return Outlook(first, {name: _expected(instance.node, name, facts[name], edges, why) for name in facts})


def _at(end: End, known: KnownFacts) -> KnownFacts:
    """The facts at one end."""
    return {
        address: {name: getattr(f, end) if isinstance(f, Expected) else f for name, f in facts.items()}
        for address, facts in known.items()
    }


def _taken(spec: NodeSpec, parameters: Mapping[str, object]) -> dict[str, object]:
    """Media that are not made yet no longer and no shorter than the model takes them: it is never paid for
    others."""

    def within(value: object, limits: Limits) -> object:
        if isinstance(value, list):
            return [within(item, limits) for item in value]
        if not isinstance(value, Foreseen) or value.facts.seconds is None:
            return value
        seconds = max(value.facts.seconds, limits.min_seconds or 0.0)
        seconds = min(seconds, limits.max_seconds or seconds)
        return replace(value, facts=replace(value.facts, seconds=seconds))

    return {
        name: within(value, spec.accepts[name]) if name in spec.accepts else value
        for name, value in parameters.items()
    }


def _given(instance: Instance, parameters: Mapping[str, object]) -> dict[str, object]:
    return {**{name: UNKNOWN for name in instance.params if name not in parameters}, **parameters}


def _quote(instance: Instance, parameters: Mapping[str, object], facts: Mapping[str, Facts]) -> Quote:
    return quote(instance.spec, _given(instance, parameters), facts)


def _hull(likely: Quote, ends: list[Quote], why: tuple[str, ...]) -> Quote:
    """One price that holds all of them. It is unknown where one of them is."""
    every = [likely, *ends]
    lows = [one.low for one in every if one.low is not None]
    highs = [one.high for one in every if one.high is not None]
    if len(lows) < len(every) or len(highs) < len(every):
        return next(one for one in every if one.high is None)
    if min(lows) == max(highs) or (min(lows), max(highs)) == (likely.low, likely.high):
        return likely
    reasons = dict.fromkeys((*why, *(reason for one in every for reason in one.why)))
    return replace(likely, low=min(lows), high=max(highs), why=tuple(reasons))


def _edge(instance: Instance, parameters: Mapping[str, object], end: End) -> Mapping[str, Facts]:
    """The facts of the results at one end."""
    spec = instance.spec
    expected, certain = spec.facts(parameters), spec.determined(parameters)
    if spec.provider == "local" or not certain:
        return expected
    call = call_of(spec, _given(instance, parameters), expected)
    return {name: _open(f, certain.get(name, Facts()), call, end) for name, f in expected.items()}


def _open(expected: Facts, certain: Facts, call: Call, end: End) -> Facts:
    """The expected facts of one result, those that are not certain moved to one end."""

    def edge(span: Span, guess: float) -> float:
        return min(span.low, guess) if end == "least" else max(span.high, guess)

    found = expected
    if expected.seconds is not None and certain.seconds is None:
        found = replace(found, seconds=edge(call.length(), expected.seconds))
    if expected.fps is not None and certain.fps is None:
        found = replace(found, fps=edge(between(*FPS, ""), expected.fps))
    if expected.width and expected.height and certain.width is None:
        pixels = float(expected.width * expected.height)
        times = (edge(_pixels(call), pixels) / pixels) ** 0.5
        found = replace(found, width=round(expected.width * times), height=round(expected.height * times))
    return found


def _pixels(call: Call) -> Span:
    """Pixels that a picture may have whose size is not certain."""
    span = call.pixels()
    if not span.exact:
        return span
    side = sizes.short_side(call.values.get("resolution"))
    if side:
        wide, high = sizes.by_short_side(side, sizes.WIDE)
        return between(float(side * side), float(wide * high), "")
    return between(SIDE[0] ** 2, SIDE[1] ** 2, "")


def _expected(
    node: str, name: str, likely: Facts, edges: Mapping[End, Mapping[str, Facts]], why: tuple[str, ...]
) -> Facts:
    least, most = edges["least"].get(name, likely), edges["most"].get(name, likely)
    differ = [fact for fact in PARTS if getattr(least, fact) != getattr(most, fact)]
    if not differ:
        return likely
    own = dict.fromkeys(f"the {PARTS[fact]} of {node} is not known" for fact in differ)
    return Expected(
        **{fact: getattr(likely, fact) for fact in Facts.__dataclass_fields__},
        least=least,
        most=most,
        why=why or tuple(own),
    )
