"""One endpoint from three sources: published types, hand knowledge and gathered facts.

Types say what the provider takes today, hand knowledge what it means. Where a page says less than the types,
both are accepted; where they contradict, the difference is kept as drift. Gathered facts bring prices, limits
and what comes out.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from callsheet.nodes.catalogue.media_words import media_kind

Data = dict[str, Any]
LIMITS = (
    *(
        "min_seconds",
        "max_seconds",
        "min_side",
        "max_side",
        "min_width",
        "max_width",
        "min_height",
        "max_height",
    ),
    *("min_aspect", "max_aspect", "min_fps", "max_fps", "max_megabytes"),
)
COUNTS = ("min_items", "max_items")
ONE_OF_TWO = ("first_frame", "last_frame")


def inputs(hand: Data, types: Data, roles: Mapping[str, str]) -> Data:
    """Parameters that either source has; roles: what the media parameters of the types are for."""
    merged: Data = {}
    for name in (*hand, *(name for name in types if name not in hand)):
        if name in hand and name in types:
            merged[name] = both(hand[name], types[name])
        elif name in hand:
            twin = {roles.get(other) for other in types if other not in hand}
            merged[name] = hand[name] | ({"required": False} if hand[name].get("role") in twin else {})
        else:
            taken = {data.get("role") for other, data in hand.items() if other not in types}
            double = roles.get(name) in taken and roles.get(name) in ONE_OF_TWO
            merged[name] = types[name] | ({"required": False} if double else {})
    return {
        name: {k: v for k, v in data.items() if (k, v) != ("required", False)}
        for name, data in merged.items()
    }


def both(hand: Data, types: Data) -> Data:
    """A parameter that both sources describe."""
    found = dict(hand)
    if "enum" in hand and "enum" in types:
        if isinstance(hand["enum"][0], str) or not isinstance(types["enum"][0], str):
            found["enum"] = together(types["enum"], hand["enum"])
        else:
            found = with_values(
                {**types, **{k: v for k, v in hand.items() if k not in ("type", "enum")}}, hand["enum"]
            )
    elif "enum" in hand and types.get("type") == "any":
        found = with_values(types, hand["enum"]) | {
            k: v for k, v in hand.items() if k not in ("type", "enum")
        }
    if not types.get("required"):
        found.pop("required", None)
    for key in ("minimum", "maximum", "max_length", *COUNTS):
        if key in types and key not in found:
            found[key] = types[key]
    return found


def together(*lists: Iterable[Any]) -> list[Any]:
    """Every value once, those of the first list first."""
    return list(dict.fromkeys(value for values in lists for value in values))


def allowed(fields: Data, allows: Mapping[str, Any], fixed: bool) -> Data:
    """The parameters with the values that the facts have beside them. fixed: no default is added."""
    found = dict(fields)
    for name, values in allows.items():
        if name not in found:
            continue
        if isinstance(values, list):
            found[name] = with_values(found[name], values)
        elif isinstance(values, dict) and found[name]["type"] in ("integer", "number"):
            found[name] = found[name] | widest(found[name], values)
    for name, default in defaults_in(allows).items():
        free = name in found and "default" not in found[name] and not found[name].get("required")
        if free and not fixed and fits(found[name], default):
            found[name] = found[name] | {"default": default}
    return found


def widest(data: Data, values: Mapping[str, Any]) -> Data:
    """The bounds that leave room for what either source allows."""
    return {
        key: chosen(value for value in (data.get(key), values.get(key)) if value is not None)
        for key, chosen in (("minimum", min), ("maximum", max))
        if key in data or key in values
    }


def defaults_in(allows: Mapping[str, Any]) -> Data:
    """`resolution_default: 720p` and its like, and the defaults among bounds."""
    stated = {name.removesuffix("_default"): v for name, v in allows.items() if name.endswith("_default")}
    within = {
        n: v["default"] for n, v in allows.items() if isinstance(v, dict) and v.get("default") is not None
    }
    return {**within, **stated}


def with_values(data: Data, values: list[Any]) -> Data:
    """A listed parameter with all values that it takes; integers where the provider takes integers."""
    numbers = [v for v in values if isinstance(v, int) and not isinstance(v, bool)]
    if data["type"] == "any":
        return data | {"any": [more_values(option, values) for option in data["any"]]}
    if "enum" not in data:
        return data
    if numbers and all(isinstance(v, str) for v in data["enum"]):
        words = together(data["enum"], [v for v in values if isinstance(v, str)])
        numbers = together(numbers, [int(word) for word in words if word.isdecimal()])
        parts = [{"type": "integer", "enum": numbers}, {"type": "string", "enum": words}]
        rest = {k: v for k, v in data.items() if k not in ("type", "enum")}
        return {"type": "any", "any": parts, **rest}
    return more_values(data, values)


def more_values(data: Data, values: list[Any]) -> Data:
    """A list of choices with those values that are of its own kind."""
    if "enum" not in data:
        return data
    return data | {"enum": together(data["enum"], [v for v in values if type(v) is type(data["enum"][0])])}


def fits(data: Data, value: Any) -> bool:
    if "enum" in data:
        return value in data["enum"]
    kinds = {"string": str, "integer": int, "number": (int, float), "boolean": bool}
    return data["type"] in kinds and isinstance(value, kinds[data["type"]])


def limited(fields: Data, media: Mapping[str, Any]) -> Data:
    """The media parameters with the limits that the facts state."""
    found = dict(fields)
    for name, limits in media.items():
        if name in found:
            kept = {k: limits[k] for k in (*LIMITS, *COUNTS, "role") if k in limits}
            found[name] = kept | found[name]
    return found


SUMS = {
    "max_items": {"max_items": "max_items"},
    "max_items_with_video": {"max_items_with_video": "max_items"},
    "seconds": {"min_seconds_total": "min_seconds", "max_seconds_total": "max_seconds"},
    "megabytes": {"max_megabytes_total": "max_megabytes"},
}
"""What facts say of several media together, by what is added up: their word → ours."""


def totals(media: Mapping[str, Any]) -> list[Data]:
    """The limits of several media together, and those that hold only with some value of a parameter."""
    found: list[Data] = []
    for name, limits in media.items():
        of = limits["of"] if name == "@total" else [name]
        for sort, words in SUMS.items():
            said = {ours: limits[theirs] for theirs, ours in words.items() if theirs in limits}
            if said and (name == "@total" or sort not in COUNTS):
                found.append({"of": of, **said} | ({"with_video": True} if "with_video" in sort else {}))
        for parameter, bounds in limits.get("max_seconds_when", {}).items():
            for value, most in bounds.items():
                found.append({"of": of, "max_seconds": most, "when": {parameter: value}})
    return found


OUTPUTS = {
    "video": {"video": {"type": "video"}},
    "image": {"images": {"type": "list", "item": {"type": "image"}}},
    "audio": {"audio": {"type": "audio"}},
    "speech": {"audio": {"type": "audio"}},
    "text": {"text": {"type": "string"}},
}


def untyped(fact: Data) -> tuple[Data, Data]:
    """(inputs, outputs) of an endpoint that no published types list, as far as the facts name them."""
    allows, named = fact.get("allows", {}), {}
    for name in mentioned(fact):
        named[name] = plain(name, fact)
    for name, values in allows.items():
        if name.endswith("_default"):
            continue
        named[name] = listed(values)
    for name, default in defaults_in(allows).items():
        if name in named and fits(named[name], default):
            named[name]["default"] = default
    return named, OUTPUTS[fact["task"].partition("-to-")[2]]


def mentioned(fact: Data) -> list[str]:
    """Parameters that shape, price and limits speak of."""
    found = [] if fact["task"].startswith(("speech", "video", "audio")) else ["prompt"]
    text = repr((fact.get("makes"), fact.get("price", {}).get("quantity"), fact.get("price", {}).get("plus")))
    found += re.findall(r"'([a-z_]+_urls?)'", text)
    found += [name for name in fact.get("media", {}) if not name.startswith("@")]
    for part in ("rates", "factors", "plus", "stated"):
        for item in fact.get("price", {}).get(part, []):
            found += [name for name in item.get("when", {}) if not name.startswith("@")]
    found += named_in(fact.get("makes", {}))
    found += named_in(fact.get("price", {}).get("quantity"))
    if fact["task"] == "image-to-video" and not any(name.endswith(("_url", "_urls")) for name in found):
        found.append("image_url" if "reference" not in fact["endpoint"] else "image_urls")
    return list(dict.fromkeys(name for name in found if "." not in name))


NAME = re.compile(r"[a-z]+(_[a-z]+)*")
"""A text that names a parameter; others are values, or sentences."""


def named_in(how: Any) -> Iterator[str]:
    """The parameters that a shape or a quantity follows."""
    match how:
        case str() if NAME.fullmatch(how):
            yield how
        case dict():
            for part in how.values():
                yield from named_in(part)


AMOUNTS = ("upscale_factor", "target_fps", "fps", "duration")
SWITCHES = ("generate_", "enable_", "keep_", "refine_")


SIZE = {"width": {"type": "integer"}, "height": {"type": "integer"}}


def plain(name: str, fact: Data) -> Data:
    """The field of a parameter whose values nobody lists: from its name, and from what a price asks of it."""
    if name.endswith("_urls"):
        return {"type": "list", "item": {"type": media_kind(name, "")}}
    if name.endswith("_url"):
        return {"type": media_kind(name, "")}
    if name in ("image_size", "video_size", "size"):
        return {"type": "any", "any": [{"type": "string"}, {"type": "record", "fields": SIZE}]}
    if name.startswith(SWITCHES) or name in ("audio", "bgm") or isinstance(next(asked(name, fact), ""), bool):
        return {"type": "boolean"}
    if name.startswith("num_"):
        return {"type": "integer"}
    return {"type": "number" if name in AMOUNTS else "string"}


def asked(name: str, fact: Data) -> Iterator[Any]:
    """The values of a parameter that the conditions of a price name."""
    for part in ("rates", "factors", "plus"):
        for item in fact.get("price", {}).get(part, []):
            if name in item.get("when", {}):
                yield item["when"][name]


def listed(values: Any) -> Data:
    """The field that a list of values or bounds describes."""
    if isinstance(values, dict):
        return {
            "type": "number" if any(isinstance(v, float) for v in values.values()) else "integer",
            **values,
        }
    if not isinstance(values, list):
        return {"type": "json"}
    words = [v for v in values if isinstance(v, str)]
    numbers = [v for v in values if not isinstance(v, str)]
    if words and numbers:
        return {
            "type": "any",
            "any": [{"type": "integer", "enum": numbers}, {"type": "string", "enum": words}],
        }
    return {"type": "string" if words else "integer", "enum": values}
