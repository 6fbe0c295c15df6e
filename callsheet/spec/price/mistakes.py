"""What is wrong in a price rule that a person wrote, each with its place in the rule."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Any, Final, TypeGuard

from callsheet.spec.price.age import today
from callsheet.spec.price.conditions import ASKED
from callsheet.spec.price.quantity import UNITS
from callsheet.spec.price.read import MOST_USD
from callsheet.spec.size import short_side

Place = tuple[str | int, ...]
Mistake = tuple[Place, str]
"""Where in a rule, and what is wrong there."""
Parameters = Collection[str] | None
"""The parameters of the endpoint, None where they are not known."""

KEYS: Final = (
    *("unit", "rates", "factors", "plus", "minimum", "round", "quantity"),
    *("defaults", "note", "source", "date"),
)
ITEMS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "rates": ("usd", ("when", "note")),
    "factors": ("times", ("when", "note")),
    "plus": ("usd", ("when", "note", "unit", "of", "above", "times", "factored")),
}
"""Part → the key of its amount, and its other keys."""
MINIMUMS: Final = ("usd", "seconds", "minutes", "outputs")
NAMES: Final = ("like", "parameter", "times", "frames", "frames_of", "characters", "perhaps")
"""Keys of a quantity that name a parameter."""
COUNTED: Final = ("input", "output", "video_tokens", "video_pixels")
"""Keys of a quantity that say what is counted without naming a parameter."""
DAY: Final = re.compile(r"\d{4}(-\d\d(-\d\d)?)?\Z")


def mistakes(data: Mapping[str, Any], parameters: Parameters = None) -> list[Mistake]:
    """Every mistake of a price rule."""
    return [
        *_unknown_keys(data, KEYS, "a price"),
        *_base_unit(data.get("unit")),
        *(found for part in ITEMS for found in _items(data, part, parameters)),
        *_minimum(data.get("minimum")),
        *_round(data.get("round")),
        *_quantity(data.get("quantity"), parameters),
        *_defaults(data.get("defaults"), parameters),
        *_about(data),
        *([] if data.get("rates") else [((), "a price has `usd`, or `rates`: a list of {usd: …}")]),
    ]


def _unknown_keys(data: Mapping[str, Any], keys: Collection[str], of: str) -> Iterator[Mistake]:
    for key in data:
        if key not in keys:
            yield (key,), f"{key} is no part of {of}; there are {', '.join(sorted(keys))}"


def _unit(unit: object) -> Iterator[Mistake]:
    if unit is None:
        yield ("unit",), f"`unit` is missing: what one price counts; there are {', '.join(UNITS)}"
    elif not isinstance(unit, str) or unit not in UNITS:
        yield ("unit",), f"{unit!r} is no unit; there are {', '.join(UNITS)}"


def _base_unit(unit: object) -> Iterator[Mistake]:
    """Only an extra names the parameter whose items are counted: a whole price for each would be nothing."""
    yield from _unit(unit)
    if unit == "each":
        yield ("unit",), "`each` is a unit of an extra only: plus: [{unit: each, of: image_urls, usd: 0.01}]"


def _items(data: Mapping[str, Any], part: str, parameters: Parameters) -> Iterator[Mistake]:
    items = data.get(part, [])
    if not isinstance(items, list):
        yield (part,), f"{part} is a list"
        return
    for i, item in enumerate(items):
        yield from (((part, i, *place), said) for place, said in _item(item, part, parameters))


def _item(item: object, part: str, parameters: Parameters) -> Iterator[Mistake]:
    amount, others = ITEMS[part]
    if not isinstance(item, dict):
        yield (), f"an element of {part} is a mapping with {amount}"
        return
    yield from _unknown_keys(item, (amount, *others), f"an element of {part}")
    yield from _amount((amount,), item.get(amount), MOST_USD)
    if part == "plus":
        yield from _extra(item, parameters)
    yield from _conditions(item.get("when", {}), parameters)


def _amount(place: Place, value: object, most: float) -> Iterator[Mistake]:
    if isinstance(value, bool) or not isinstance(value, int | float):
        yield place, f"{value!r} is no number"
    elif not math.isfinite(value) or not 0 <= value <= most:
        what = "factor" if place[-1:] == ("times",) else "price"
        yield place, f"{value!r} is no {what}; it lies between 0 and {most:g}"


def _extra(item: Mapping[str, Any], parameters: Parameters) -> Iterator[Mistake]:
    yield from _unit(item.get("unit"))
    if item.get("unit") == "each" and "of" not in item:
        yield (), "an extra for each item says of which parameter: {unit: each, of: image_urls, …}"
    if "of" in item:
        yield from _name(("of",), item["of"], parameters)
    if "above" in item:
        yield from _amount(("above",), item["above"], 1e6)
    if item.get("times", "images") != "images":
        yield ("times",), "`times` of an extra can only be images"
    if not isinstance(item.get("factored", False), bool):
        yield ("factored",), "`factored` is true or false"


def _name(place: Place, value: object, parameters: Parameters) -> Iterator[Mistake]:
    """A parameter, or a place inside one: `inputs.text`."""
    if not isinstance(value, str):
        yield place, f"{value!r} is no name of a parameter"
    elif parameters is not None and value.partition(".")[0] not in parameters:
        yield place, f"the model has no parameter {value}"


def _conditions(when: object, parameters: Parameters) -> Iterator[Mistake]:
    if not isinstance(when, dict):
        yield ("when",), "`when` is a mapping of parameters to values"
        return
    for name, wanted in when.items():
        place = ("when", name)
        values = wanted if isinstance(wanted, list) else [wanted]
        if not name.startswith("@"):
            yield from _name(place, name, parameters)
            if any(isinstance(value, dict | list) for value in values):
                yield place, f"the value of {name} is one value, or a list of them"
        elif name not in ASKED:
            yield place, f"{name} is no condition; there are {', '.join(ASKED)}"
        else:
            yield from ((place, said) for value in values for said in _asked(name, value, parameters))


def _asked(name: str, value: object, parameters: Parameters) -> Iterator[str]:
    """What is wrong with a value of a condition that begins with `@`."""
    number = isinstance(value, int | float) and not isinstance(value, bool)
    match name:
        case "@given" | "@missing":
            yield from (said for _, said in _name((), value, parameters))
        case "@above":
            if not isinstance(value, dict) or not value or not all(map(_is_number, value.values())):
                yield "@above is a mapping of a parameter to a number: {num_frames: 81}"
        case "@starts_with":
            if not isinstance(value, dict) or not value:
                yield "@starts_with is a mapping of a parameter to a text: {style: vector}"
        case "@result":
            if not isinstance(value, str | int) or short_side(value) is None:
                yield f"{value!r} is no size, such as 1080p"
        case "@voice":
            if not isinstance(value, bool):
                yield "@voice is true or false"
        case "@fps" | "@pixels_up_to" | "@pixels_above" | "@result_megapixels_up_to" if not number:
            yield f"{value!r} is no number"


def _is_number(value: object) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _minimum(data: object) -> Iterator[Mistake]:
    if data is None:
        return
    if not isinstance(data, dict):
        yield ("minimum",), f"a minimum is a mapping with one of {', '.join(MINIMUMS)}"
        return
    for key, value in data.items():
        if key not in MINIMUMS:
            yield ("minimum", key), f"{key} is no minimum; there are {', '.join(MINIMUMS)}"
        else:
            yield from _amount(("minimum", key), value, MOST_USD)


def _round(data: object) -> Iterator[Mistake]:
    if data is None:
        return
    if not isinstance(data, dict):
        yield ("round",), "a rounding is a mapping: {to: 1, how: up}"
        return
    to = data.get("to")
    if not _is_number(to) or to <= 0:
        yield ("round",) if to is None else ("round", "to"), "`to` is the step of the rounding, above 0"
    if data.get("how", "up") not in ("up", "nearest"):
        yield ("round", "how"), "`how` is up or nearest"
    if data.get("of", "usd") != "usd":
        yield ("round", "of"), "`of` can only be usd"


def _quantity(data: object, parameters: Parameters) -> Iterator[Mistake]:
    if data is None or data == 1:
        return
    if not isinstance(data, dict):
        yield ("quantity",), "a quantity is 1, or a mapping such as {frames: num_frames, per: 16}"
        return
    for key, value in data.items():
        place = ("quantity", key)
        if key in NAMES:
            yield from _name(place, value, parameters)
        elif key == "per":
            if not _is_number(value) or value <= 0:
                yield place, "`per` is a number above 0"
        elif key in ("plus", "plus_seconds"):
            inner = value.get("like") if isinstance(value, dict) else value
            yield from _name(place, inner, parameters)
        elif key not in COUNTED:
            yield place, f"{key} is no part of a quantity; see docs/catalogue.md"
    if ("frames" in data or "frames_of" in data) and "per" not in data:
        yield ("quantity",), "frames are counted `per` a number of them"


def _defaults(data: object, parameters: Parameters) -> Iterator[Mistake]:
    if data is None:
        return
    if not isinstance(data, dict):
        yield ("defaults",), "`defaults` is a mapping of parameters to values"
        return
    for name in data:
        yield from _name(("defaults", name), name, parameters)


def _about(data: Mapping[str, Any]) -> Iterator[Mistake]:
    for key in ("note", "source"):
        if not isinstance(data.get(key, ""), str):
            yield (key,), f"{key} is a text"
    stated = str(data.get("date", "2026"))
    if not DAY.match(stated) or (len(stated) == 10 and not _is_day(stated)):
        yield ("date",), f"{stated} is no day; write it as 2026-11-30"
    elif stated > today().isoformat()[: len(stated)]:
        yield ("date",), f"{stated} is still to come; write the day on which the price was read"


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True
