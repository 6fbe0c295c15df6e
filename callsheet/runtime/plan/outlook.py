"""What a step may come to: its price and the facts of its results, at both ends of what is not known yet.

A length that a model chooses is known only when the result is there. What is made from it is therefore priced
three times: as expected, at the least and at the most. A duration that is computed from it follows.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Final, Literal

from callsheet.dsl.check.static_facts import Instances, KnownFacts, Probe, known_parameters
from callsheet.dsl.graph import Instance
from callsheet.spec import size as sizes
from callsheet.spec.media import Facts, Foreseen
from callsheet.spec.node import Limits, NodeSpec
from callsheet.spec.price.call import FPS, UNKNOWN, Call
from callsheet.spec.price.guessed_size import SIDE
from callsheet.spec.price.quote import Quote, call_of, quote
from callsheet.spec.price.span import Span, between

End = Literal["least", "most"]
ENDS: Final[tuple[End, End]] = ("least", "most")
NAMES: Final = tuple(field.name for field in fields(Facts))
PARTS: Final = {"seconds": "length", "width": "size", "height": "size", "fps": "frame rate"}
"""Fact → its name in a reason."""


Open = tuple[str, str]
"""A fact that is not known, by its name in a reason, and the node that makes the result."""
NOTHING: Final = Facts()


@dataclass(frozen=True, slots=True)
class Expected(Facts):
    """Facts of a result of which some are only expected. least, most: the same facts at both ends. why: what
    is not known."""

    least: Facts = NOTHING
    most: Facts = NOTHING
    why: tuple[Open, ...] = ()


@dataclass(frozen=True, slots=True)
class Outlook:
    """The price of a step, and output name → the facts of what it makes."""

    quote: Quote
    facts: Mapping[str, Facts]


@dataclass(frozen=True, slots=True)
class Case:
    """One case of what an instance may get. made: output name → the facts of what it then makes."""

    instance: Instance
    parameters: Mapping[str, object]
    made: Mapping[str, Facts]

    @property
    def given(self) -> dict[str, object]:
        """The parameters, those too that only the run tells."""
        unknown = {name: UNKNOWN for name in self.instance.params if name not in self.parameters}
        return {**unknown, **self.parameters}

    @property
    def price(self) -> Quote:
        return quote(self.instance.spec, self.given, self.made)

    def edge(self, end: End) -> Mapping[str, Facts]:
        """What it makes, at one end of what it leaves open itself."""
        spec = self.instance.spec
        certain = spec.determined(self.parameters)
        if spec.provider == "local" or not certain or certain == self.made:
            return self.made
        call = call_of(spec, self.given, self.made)
        return {name: _open(f, certain.get(name, NOTHING), call, end) for name, f in self.made.items()}


def outlook(instance: Instance, instances: Instances, known: KnownFacts, probe: Probe) -> Outlook:
    """What `instance` may come to. known: address → output → facts of all that it needs. probe: reads facts
    of the user's own media files."""
    spec, needed = instance.spec, {a: known[a] for a in instance.needs if a in known}

    def case(facts: KnownFacts, end: bool = True) -> Case:
        parameters = known_parameters(instance, instances, facts, probe)
        parameters = _taken(spec, parameters) if end else parameters
        return Case(instance, parameters, spec.facts(parameters))

    likely = case(known, end=False)
    why = _why(needed)
    ends = {end: case(_at(end, needed)) if why else likely for end in ENDS}
    price = _hull([likely.price, *(one.price for one in ends.values())]) if why else likely.price
    if why and _range(price) != _range(likely.price):
        lengths = [case(_at(end, needed, ("seconds",))).price for end in ENDS]
        by_length = _range(_hull([likely.price, *lengths]))
        counts = {"length": by_length != _range(likely.price)}
        others = by_length != _range(price)
        counted = [one for one in why if counts.get(one[0], others)] or why
        price = replace(price, why=(*_reasons(counted), *price.why))
    edges = {end: ends[end].edge(end) for end in ENDS}
    inherited = why if spec.provider == "local" else ()
    made = {name: _expected(instance.node, name, f, edges, inherited) for name, f in likely.made.items()}
    return Outlook(price, made)


def _range(price: Quote) -> tuple[float | None, float | None]:
    return price.low, price.high


def _why(needed: KnownFacts) -> tuple[Open, ...]:
    """What is not known of what goes in."""
    found = (f for facts in needed.values() for f in facts.values() if isinstance(f, Expected))
    return tuple(dict.fromkeys(one for facts in found for one in facts.why))


def _reasons(why: Sequence[Open]) -> list[str]:
    """One sentence for each kind of fact."""
    nodes: dict[str, list[str]] = {}
    for part, node in why:
        nodes.setdefault(part, []).append(node)
    return [f"the {part} of {' and '.join(names)} is not known" for part, names in nodes.items()]


def _at(end: End, known: KnownFacts, moved: Sequence[str] = tuple(PARTS)) -> KnownFacts:
    """The facts at one end. moved: those that are not as expected there."""

    def at(facts: Facts) -> Facts:
        if not isinstance(facts, Expected):
            return facts
        edge = facts.least if end == "least" else facts.most
        likely = {name: getattr(facts, name) for name in NAMES if name not in moved}
        return replace(edge, **likely)

    return {address: {name: at(f) for name, f in facts.items()} for address, facts in known.items()}


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


def _hull(every: Sequence[Quote]) -> Quote:
    """One price that holds all of them. It is unknown where one of them is."""
    lows = [one.low for one in every if one.low is not None]
    highs = [one.high for one in every if one.high is not None]
    if len(lows) < len(every) or len(highs) < len(every):
        return next(one for one in every if one.high is None or one.low is None)
    why = dict.fromkeys(reason for one in every for reason in one.why)
    return replace(every[0], low=min(lows), high=max(highs), why=tuple(why))


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
    node: str, name: str, likely: Facts, edges: Mapping[End, Mapping[str, Facts]], inherited: tuple[Open, ...]
) -> Facts:
    least, most = edges["least"].get(name, likely), edges["most"].get(name, likely)
    differ = [fact for fact in PARTS if getattr(least, fact) != getattr(most, fact)]
    if not differ:
        return likely
    own = tuple((part, node) for part in dict.fromkeys(PARTS[fact] for fact in differ))
    return Expected(
        **{fact: getattr(likely, fact) for fact in NAMES}, least=least, most=most, why=inherited or own
    )
