"""What one call costs, as a formula over its parameters and over what will come out of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.spec.media import Facts

Conditions = Mapping[str, tuple[object, ...]]
"""Parameter → the values that are meant; all of them must hold."""

CLIP_SECONDS: Final = 5.0
TEXTS: Final = ("text", "prompt")


@dataclass(frozen=True, slots=True)
class Rate:
    """USD per unit, where `when` holds; `usd` is None for a base that nobody has published."""

    usd: float | None
    when: Conditions


@dataclass(frozen=True, slots=True)
class Factor:
    """The price is multiplied by `times` where `when` holds."""

    times: float
    when: Conditions


@dataclass(frozen=True, slots=True)
class Price:
    """unit: second, clip_5s, video, image, megapixel or 1k_characters; a rate is USD per unit.

    The first rate whose conditions hold counts, then every factor that holds. source: the page, with
    `date` the day it was read. defaults: parameter values that count where none is given. note: what is
    published beside the formula.
    """

    unit: str
    rates: tuple[Rate, ...]
    factors: tuple[Factor, ...] = ()
    source: str = ""
    date: str = ""
    defaults: Mapping[str, object] | None = None
    note: str = ""

    def usd(self, parameters: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
        """The price in USD, or None: no published price for these values, or values not known yet."""
        values = {**(self.defaults or {}), **parameters}
        rate = self._rate(values)
        quantity = _QUANTITIES[self.unit](values, facts)
        times = [self._times(factor, values) for factor in self.factors]
        if rate is None or rate.usd is None or quantity is None or None in times:
            return None
        return round(rate.usd * quantity * math.prod(t for t in times if t is not None), 6)

    @property
    def formula(self) -> str:
        """`seconds × $0.15 (generate_audio) or $0.10`."""
        known = [rate for rate in self.rates if rate.usd is not None]
        rates = " or ".join(f"{_dollars(rate.usd)}{_shown(rate.when)}" for rate in known)
        if not known and not self.factors:
            return self.note or "not published"
        factors = "".join(f" × {factor.times:g}{_shown(factor.when)}" for factor in self.factors)
        return f"{_UNITS[self.unit]} × {rates or 'a base price not published'}{factors}"

    def _rate(self, values: Mapping[str, object]) -> Rate | None:
        for rate in self.rates:
            match holds(rate.when, values):
                case True:
                    return rate
                case None:
                    return None
        return None

    def _times(self, factor: Factor, values: Mapping[str, object]) -> float | None:
        meant = holds(factor.when, values)
        return None if meant is None else factor.times if meant else 1.0


def holds(when: Conditions, values: Mapping[str, object]) -> bool | None:
    """Whether all conditions hold; None when that hangs on a value not known yet."""
    answers = [_holds(values.get(name), wanted) for name, wanted in when.items()]
    if False in answers:
        return False
    return None if None in answers else True


def _holds(value: object, wanted: tuple[object, ...]) -> bool | None:
    if not isinstance(value, str | int | float | bool | None):
        return None
    return any(value == w and isinstance(value, bool) == isinstance(w, bool) for w in wanted)


def price_from(data: Mapping[str, Any], defaults: Mapping[str, object]) -> Price:
    """The price that a catalogue record states."""
    return Price(
        unit=data["unit"],
        rates=tuple(Rate(r.get("usd"), conditions(r.get("when", {}))) for r in data.get("rates", ())),
        factors=tuple(Factor(f["times"], conditions(f.get("when", {}))) for f in data.get("factors", ())),
        source=data.get("source", ""),
        date=data.get("date", ""),
        defaults=defaults,
        note=data.get("note", ""),
    )


def conditions(data: Mapping[str, Any]) -> Conditions:
    """`{resolution: 720p}` or `{resolution: [720p, 768P]}`."""
    return {name: tuple(v) if isinstance(v, list) else (v,) for name, v in data.items()}


def _seconds(_: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
    return next((f.seconds for f in facts.values() if f.seconds is not None), None)


def _clips(values: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
    seconds = _seconds(values, facts)
    return None if seconds is None else float(math.ceil(seconds / CLIP_SECONDS))


def _one(_: Mapping[str, object], __: Mapping[str, Facts]) -> float | None:
    return 1.0


def _images(values: Mapping[str, object], _: Mapping[str, Facts]) -> float | None:
    count = values.get("num_images", 1)
    return float(count) if isinstance(count, int | float) else None


def _megapixels(values: Mapping[str, object], facts: Mapping[str, Facts]) -> float | None:
    images = _images(values, facts)
    sizes = (f.width * f.height for f in facts.values() if f.width and f.height)
    pixels = next(sizes, None)
    return None if pixels is None or images is None else pixels / 1e6 * images


def _thousand_characters(values: Mapping[str, object], _: Mapping[str, Facts]) -> float | None:
    text = next((values[name] for name in TEXTS if name in values), None)
    return len(text) / 1000 if isinstance(text, str) else None


_QUANTITIES: Final[Mapping[str, Callable[[Mapping[str, object], Mapping[str, Facts]], float | None]]] = {
    "second": _seconds,
    "clip_5s": _clips,
    "video": _one,
    "image": _images,
    "megapixel": _megapixels,
    "1k_characters": _thousand_characters,
}
_UNITS: Final[Mapping[str, str]] = {
    "second": "seconds",
    "clip_5s": "clips of 5 s",
    "video": "one video",
    "image": "images",
    "megapixel": "megapixels",
    "1k_characters": "characters / 1000",
}


def _dollars(usd: float | None) -> str:
    """`$0.10`, `$0.045`: two decimals, more where they say something."""
    text = f"{usd:.6f}".rstrip("0") if usd is not None else ""
    whole, _, cents = text.partition(".")
    return f"${whole}.{cents:0<2}"


def _shown(when: Conditions) -> str:
    if not when:
        return ""
    return " (" + ", ".join(_condition(name, wanted) for name, wanted in when.items()) + ")"


def _condition(name: str, wanted: tuple[object, ...]) -> str:
    if wanted == (True,):
        return name
    if wanted == (False,):
        return f"no {name}"
    return f"{name} {' or '.join(map(str, wanted))}"
