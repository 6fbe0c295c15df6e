"""A price rule in words that a person can check with a pencil."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

from callsheet.spec.money import exact
from callsheet.spec.price.conditions import Conditions
from callsheet.spec.price.quantity import UNITS
from callsheet.spec.price.rule import Extra, PriceRule

ASKED: Final[Mapping[str, str]] = {
    "@result": "result up to {}",
    "@fps": "{} fps",
    "@mode": "mode {}",
    "@given": "with {}",
    "@missing": "without {}",
    "@pixels_up_to": "up to {} pixels",
    "@pixels_above": "above {} pixels",
    "@result_megapixels_up_to": "up to {} million pixels",
}


TRUE: Final[Mapping[str, str]] = {"@voice": "a voice", "@unchecked": "perhaps"}
"""How a condition that must hold is written; others are written as their name."""


def formula(price: PriceRule) -> str:
    """`seconds × $0.15 (generate_audio) or $0.10`."""
    known = [f"{exact(rate.usd)}{shown(rate.when)}" for rate in price.rates if rate.usd is not None]
    rates = " or ".join(known)
    if not known and not price.factors and not price.rates:
        return price.note or "not published"
    unknown = "a rate not published" if price.unit == "compute_second" else "a base price not published"
    factors = "".join(f" × {factor.times:g}{shown(factor.when)}" for factor in price.factors)
    before = "".join(map(_extra, (e for e in price.extras if e.factored)))
    after = "".join(map(_extra, (e for e in price.extras if not e.factored)))
    base = f"{_counted(price)} × {rates or unknown}"
    if before and factors:
        base = f"({base}{before})"
    else:
        base += before
    return f"{base}{factors}{after}{''.join(_limits(price))}"


def _counted(price: PriceRule) -> str:
    """The quantity in words: `num_frames / 16`, `characters of prompt / 1000`."""
    unit = UNITS[price.unit]
    match price.how:
        case {"frames": name, "per": per}:
            unit = f"{name} / {per}"
        case {"frames_of": name, "per": per}:
            unit = f"frames of {name} / {per}"
        case {"parameter": name, "perhaps": media}:
            unit = f"{name} (perhaps with the seconds of {media})"
        case {"parameter": name, **more}:
            unit = f"{name}{_times(more)}"
        case {"like": name, **more}:
            plus = more.get("plus")
            also = plus.get("like") if isinstance(plus, Mapping) else plus
            unit = f"{unit.partition(' of ')[0]} of {name}{f' and {also}' if also else ''}{_times(more)}"
        case {"characters": str(name)}:
            unit = unit.replace("characters", f"characters of {name}", 1)
        case {"plus_seconds": {"like": name}}:
            unit = unit.replace("seconds", f"(seconds + those of {name})", 1)
        case 1:
            unit = "one video" if price.unit == "video" else "one call"
    rounding = price.rounding
    if rounding is None or rounding.usd:
        return unit
    way = "rounded to the nearest" if rounding.how == "nearest" else "rounded up to whole"
    return f"{unit}, {way} {rounding.to:g}" if rounding.to != 1 else f"{unit}, rounded up"


def _times(more: Mapping[Any, Any]) -> str:
    return f" × {more['times']}" if "times" in more else ""


def _extra(extra: Extra) -> str:
    unit = UNITS[extra.unit]
    if extra.unit == "each":
        unit = f"each of {extra.how.get('of')}"
    elif extra.how.get("of"):
        unit = f"{unit} of {extra.how['of']}"
    above = f" above {extra.how['above']:g}" if "above" in extra.how else ""
    per = "" if extra.unit in ("request", "video") else f" × {unit}{above}"
    return f" + {exact(extra.usd)}{per}{shown(extra.when)}"


def _limits(price: PriceRule) -> Iterator[str]:
    for name, least in price.minimum.items():
        if name == "usd":
            yield f", at least {exact(least)}"
        else:
            yield f", at least {least:g} {'times the seconds of the result' if name == 'outputs' else name}"
    if price.rounding and price.rounding.usd:
        yield f", rounded up to {exact(price.rounding.to)}"


def shown(when: Conditions) -> str:
    """` (resolution 1080p or 4k, no generate_audio)`, "" for no condition."""
    if not when:
        return ""
    return " (" + ", ".join(_condition(name, wanted) for name, wanted in when.items()) + ")"


def _condition(name: str, wanted: tuple[object, ...]) -> str:
    if wanted == (True,):
        return TRUE.get(name, name)
    if wanted == (False,):
        return f"no {name}"
    values = " or ".join(map(_value, wanted))
    if name in ("@above", "@starts_with"):
        return values.replace(":", " above" if name == "@above" else " begins with")
    return ASKED[name].format(values) if name in ASKED else f"{name} {values}"


def _value(wanted: object) -> str:
    if isinstance(wanted, Mapping):
        return ", ".join(f"{str(name).removeprefix('@')}: {bound}" for name, bound in wanted.items())
    return str(wanted)
