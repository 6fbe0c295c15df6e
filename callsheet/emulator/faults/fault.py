"""Reads faults from text, and decides which calls they hit.

As text, in `--fault`, in the configuration and in the header `X-Callsheet-Fault`:

    lost_reply                                         every submit
    submit:lost_reply,nth=3                            the third submit
    http_503,probability=0.1                           one submit in ten, by the seed
    result:http_500,endpoint=fal-ai/veo3.1*,times=2    the first two results of these endpoints
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from fnmatch import fnmatchcase
from typing import Any, Final, get_args

from callsheet.emulator.faults.kinds import KINDS, NUMBERED, Place, default_place
from callsheet.emulator.faults.outcome import OUTCOMES
from callsheet.errors import InputError
from callsheet.spec.suggest import suggest

PLACES: Final = get_args(Place)


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault and the calls that it hits. endpoint: a pattern of endpoint ids. nth: hits only that call,
    counted from 1 among the calls that match. times: hits at most so many calls. probability: 0 to 1.
    accepted: whether the request is accepted although the reply says otherwise (None: as usual for the kind).
    seconds: how slow. retry_after: the value of that header. url: what a hostile URL points to: other_host,
    private, file, userinfo, or a whole URL. how: which of the forms that a kind has.
    """

    kind: str
    on: Place
    endpoint: str = "*"
    nth: int | None = None
    times: int | None = None
    probability: float | None = None
    accepted: bool | None = None
    seconds: float = 5.0
    retry_after: str | None = None
    url: str = "other_host"
    how: str = ""


FIELDS: Final = {f.name for f in fields(Fault)}


def parse_fault(text: str) -> Fault:
    """Read one fault. Raises InputError."""
    name, *options = (part.strip() for part in text.split(","))
    place, colon, kind = name.rpartition(":")
    data: dict[str, Any] = {"kind": kind, **({"on": place} if colon else {})}
    for option in options:
        key, _, value = option.partition("=")
        data[key] = value
    return fault_from(data)


def parse_faults(text: str) -> tuple[Fault, ...]:
    """Read several faults, separated by semicolons. Raises InputError."""
    return tuple(parse_fault(part) for part in text.split(";") if part.strip())


def fault_from(data: Mapping[str, Any]) -> Fault:
    """Build a fault from a mapping of its fields. Raises InputError."""
    kind = str(data.get("kind", ""))
    place = data.get("on") or default_place(kind)
    if place is None:
        raise InputError(f"there is no fault '{kind}'", suggest(kind, [*KINDS, NUMBERED], "faults"))
    if place not in PLACES:
        raise InputError(f"there is no place '{place}' for a fault", suggest(place, PLACES, "places"))
    if unknown := sorted(set(data) - FIELDS):
        raise InputError(f"a fault has no option '{unknown[0]}'", suggest(unknown[0], FIELDS, "options"))
    given = {name: _value(name, value) for name, value in data.items() if name not in ("kind", "on")}
    return Fault(kind, place, **given)


def _value(name: str, value: Any) -> Any:
    try:
        match name:
            case "nth" | "times":
                return int(value)
            case "probability" | "seconds":
                return float(value)
            case "accepted":
                return {"true": True, "false": False}[str(value).lower()]
    except (ValueError, KeyError, TypeError) as error:
        wanted = "true or false" if name == "accepted" else "a number"
        raise InputError(f"'{value}' is no value of a fault's '{name}'", f"write {wanted}") from error
    return str(value)


class Armed:
    """A fault with its counters."""

    def __init__(self, fault: Fault, seed: str) -> None:
        self.fault = fault
        self.met = self.fired = 0
        self._random = random.Random(seed)

    def fires(self, place: Place, endpoint: str, free: bool) -> bool:
        """Whether this call is hit. Counts the calls that match, and the hits. free: whether no other fault
        has hit the call; if one has, the call counts as a match only."""
        fault = self.fault
        if fault.on != place or not fnmatchcase(endpoint, fault.endpoint):
            return False
        self.met += 1
        spent = fault.times is not None and self.fired >= fault.times
        hit = free and not spent and fault.nth in (None, self.met) and self._chance()
        self.fired += hit
        return hit

    def _chance(self) -> bool:
        return self.fault.probability is None or self._random.random() < self.fault.probability


class Faults:
    """Every active fault, in the order in which they were added."""

    def __init__(self, faults: Iterable[Fault] = (), seed: int = 0) -> None:
        self.seed = seed
        self.armed: list[Armed] = []
        self.arm(*faults)

    def arm(self, *faults: Fault) -> None:
        for fault in faults:
            self.armed.append(Armed(fault, f"{self.seed}/{len(self.armed)}"))

    def clear(self) -> None:
        self.armed = []

    def draw(self, place: Place, endpoint: str) -> Iterator[Fault]:
        """The faults that hit this call: at most one that breaks the reply, and one that decides the
        outcome."""
        hit = set()
        for armed in self.armed:
            sealing = armed.fault.kind in OUTCOMES
            if armed.fires(place, endpoint, sealing not in hit):
                hit.add(sealing)
                yield armed.fault
