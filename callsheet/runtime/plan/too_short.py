"""Shots of which a cut shows more than there is, and what longer ones cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from callsheet.dsl.check.static_facts import known_parameters
from callsheet.dsl.graph import Graph, Instance
from callsheet.nodes.media.inspector import facts_of
from callsheet.spec.json_documents import TooShortJson
from callsheet.spec.lengths import lengths_of
from callsheet.spec.media import Facts
from callsheet.spec.money import money
from callsheet.spec.price.quote import quote
from callsheet.spec.roles import DURATIONS, MILLISECONDS
from callsheet.spec.values import Ref

TIMELINE: Final = "media/timeline"
CUT: Final = ".otio"
SLACK: Final = Fraction(1, 1000)
"""Seconds beyond the one picture more that nobody sees."""
KnownFacts = Mapping[str, Mapping[str, Facts]]
"""Address → output → facts of what is made, or is expected to be."""


@dataclass(frozen=True, slots=True)
class TooShort:
    """A shot of which the cut shows more than there is: its last picture is held.

    address: without the take. seconds: its length. shown: the second of it to which the cut shows it.
    parameter, value: what makes it long enough, "" and None where the model has no such parameter or value.
    usd: of a call with that value, None where nobody knows. now_usd: of one as it is.
    """

    address: str
    seconds: float
    shown: float
    parameter: str = ""
    value: str | int | float | None = None
    usd: float | None = None
    now_usd: float | None = None

    def __str__(self) -> str:
        longer = f"{self.address} is {self.seconds:.2f} s long, and the cut shows it up to {self.shown:.2f} s"
        if self.value is None:
            step = f"{self.parameter} cannot be that long" if self.parameter else "make it longer"
            return f"{longer}: its last picture is held; {step}, or trim the clip"
        price = f"costs {money(self.usd)}" if self.usd is not None else "has no known price"
        now = f" (as it is: {money(self.now_usd)})" if self.now_usd is not None else ""
        return f"{longer}: its last picture is held; with {self.parameter}: {self.value} it {price}{now}"

    def to_json(self) -> TooShortJson:
        """As JSON values; USD null where nobody knows."""
        return {
            "address": self.address,
            "seconds": round(self.seconds, 6),
            "shown": round(self.shown, 6),
            "parameter": self.parameter or None,
            "value": self.value,
            "usd": self.usd,
            "now_usd": self.now_usd,
        }


def too_short(graph: Graph, facts: KnownFacts) -> tuple[TooShort, ...]:
    """The shots of which a cut in this graph shows more than there is, each once, at the end that is seen.

    Only where the film is cut by a person: in a timeline that is written by hand, a picture may be held.
    """
    if not any(path.name.endswith(CUT) for path in graph.files):
        return ()
    shown: dict[Ref, Fraction] = {}
    for instance in graph.instances.values():
        if instance.spec.uses == TIMELINE:
            for ref, end in _shown(instance):
                shown[ref] = max(end, shown.get(ref, end))
    found = (_short(graph, ref, end, facts) for ref, end in shown.items())
    return tuple(one for one in found if one is not None)


def _shown(timeline: Instance) -> Iterator[tuple[Ref, Fraction]]:
    """The results that its clips show, and the second of each to which they do."""
    clips = timeline.params.get("clips")
    for clip in clips if isinstance(clips, list | tuple) else ():
        ref, seconds = clip.get("video"), clip.get("seconds")
        if isinstance(ref, Ref) and isinstance(seconds, int | float):
            start, speed = Fraction(clip.get("start") or 0), Fraction(clip.get("speed") or 1)
            yield ref, start + Fraction(seconds) * speed


def _short(graph: Graph, ref: Ref, end: Fraction, facts: KnownFacts) -> TooShort | None:
    instance = graph.instances.get(ref.address)
    known = facts.get(ref.address, {}).get(str(ref.path[0]), Facts())
    if instance is None or known.seconds is None or not known.fps:
        return None
    if end <= Fraction(known.seconds) + 1 / Fraction(known.fps) + SLACK:
        return None
    return _longer(graph, instance, TooShort(instance.base, known.seconds, float(end)), facts)


def _longer(graph: Graph, instance: Instance, found: TooShort, facts: KnownFacts) -> TooShort:
    """With what makes it long enough, and the price of that."""
    spec = instance.spec
    name = next((n for n in (*DURATIONS, *MILLISECONDS) if n in spec.inputs), "")
    lengths = lengths_of(spec)
    if spec.provider == "local" or lengths is None:
        return found
    value = lengths.fitting(found.shown)
    if value is None:
        return TooShort(found.address, found.seconds, found.shown, name)
    known = known_parameters(instance, graph.instances, facts, facts_of)
    usd, now = quote(spec, {**known, name: value}).high, quote(spec, known).high
    return TooShort(found.address, found.seconds, found.shown, name, value, usd, now)
