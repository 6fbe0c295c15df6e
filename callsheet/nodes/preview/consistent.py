"""Makes an invented answer agree with itself and with what later nodes do with it.

An end comes after its start, spans follow each other, a parent is an earlier element, and a name by which
another node looks something up is one that is there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from callsheet.nodes.preview.random import Dice
from callsheet.spec.look_up import LookUp

Schema = Mapping[str, Any]
Names = tuple[str, ...]

OPPOSITES: Final = {
    "start": "end",
    "begin": "end",
    "from": "to",
    "in": "out",
    "at": "until",
    "min": "max",
    "low": "high",
    "lower": "upper",
    "first": "last",
}
"""Word in the name of a field → the word for what comes after it, or is larger."""
TIMES: Final = ("start", "begin", "from", "in", "at", "time", "timestamp")
"""Words of fields that rise from one element of a list to the next."""
LENGTHS: Final = ("duration", "seconds", "length")
PARENTS: Final = ("parent", "parent_id", "after", "previous", "based_on", "follows", "continues")
IDS: Final = ("id", "key", "slug")
USUAL_SECONDS: Final = (4, 8)


def consistent(value: Any, schema: Schema, dice: Dice, look_ups: Mapping[Names, LookUp]) -> Any:
    """`value`, made for `schema`, changed where its parts contradict each other. look_ups: names of the
    fields that lead to a text, through lists → what it looks up."""
    return _Walk(dice, look_ups).of(value, schema, ())


class _Walk:
    def __init__(self, dice: Dice, look_ups: Mapping[Names, LookUp]) -> None:
        self.dice, self.look_ups = dice, look_ups

    def of(self, value: Any, schema: Schema, place: Names) -> Any:
        schema = _plain(schema)
        if isinstance(value, list):
            items = [self.of(item, schema.get("items", {}), place) for item in value]
            return self._list(items, _plain(schema.get("items", {})), place)
        if not isinstance(value, dict):
            found = self.look_ups.get(place)
            return found.keys[0] if found and found.keys and isinstance(value, str) else value
        properties = schema.get("properties", {})
        inner = {name: self.of(v, properties.get(name, {}), (*place, name)) for name, v in value.items()}
        return _ordered(inner, properties)

    def _list(self, items: list[Any], schema: Schema, place: Names) -> list[Any]:
        """Elements that follow each other and refer to each other."""
        if not items or not all(isinstance(item, dict) for item in items):
            found = self.look_ups.get(place)
            if found and found.keys and all(isinstance(item, str) for item in items):
                return [found.keys[i % len(found.keys)] for i in range(len(items))]
            return items
        properties = schema.get("properties", {})
        self._timed(items, properties)
        for name in properties:
            known = self.look_ups.get((*place, name))
            if known and known.keys:
                for i, item in enumerate(items):
                    if isinstance(item.get(name), str):
                        item[name] = known.keys[i % len(known.keys)]
            elif name in PARENTS or (known and known.siblings):
                _related(items, name, properties[name])
        return items

    def _timed(self, items: list[dict[str, Any]], properties: Schema) -> None:
        """Give each element its place behind the one before it, within the bounds of the fields."""
        start = next((n for n in properties if _word(n) in TIMES and _is_number(properties[n])), "")
        if not start:
            return
        end = next((n for n in _afters(start) if n in properties and _is_number(properties[n])), "")
        length = next((n for n in properties if n in LENGTHS and _is_number(properties[n])), "")
        low = _plain(properties[start]).get("minimum", 0)
        high = _plain(properties[end or start]).get("maximum")
        steps: list[float] = [item[length] if length else self.dice.whole(*USUAL_SECONDS) for item in items]
        whole = sum(steps)
        scale = min(1.0, (high - low) / whole) if high is not None and whole else 1.0
        at = float(low)
        for item, step in zip(items, steps, strict=True):
            item[start] = _cast(at, properties[start])
            at += step * scale
            if end:
                item[end] = _cast(at, properties[end])


def _related(items: list[dict[str, Any]], name: str, schema: Schema) -> None:
    """The first element has no parent: nothing where that may be, else an empty text; each other one has the
    element before it."""
    key = next((own for own in IDS if isinstance(items[0].get(own), str)), "")
    if not key or not any(isinstance(item.get(name), str) for item in items):
        return
    for i, item in enumerate(items):
        item[name] = items[i - 1][key] if i else (None if _may_be_null(schema) else "")


def _ordered(value: dict[str, Any], properties: Schema) -> dict[str, Any]:
    """The object with each pair of numbers in order, as far as their bounds allow."""
    for name in [n for n in value if _is_number(properties.get(n, {}))]:
        for other in _afters(name):
            if other in value and _is_number(properties.get(other, {})) and value[other] <= value[name]:
                low, high = _plain(properties[name]), _plain(properties[other])
                step = 1 if low.get("type") == "integer" or high.get("type") == "integer" else 0.5
                top = high.get("maximum", value[name] + step)
                value[other] = max(value[other], min(value[name] + step, top))
                if value[other] <= value[name]:
                    value[name] = max(low.get("minimum", value[other] - step), value[other] - step)
    return value


def _afters(name: str) -> Iterator[str]:
    """The names that the counterpart of a field may have: `end_seconds` of `start_seconds`."""
    parts = name.split("_")
    for i, part in enumerate(parts):
        if part in OPPOSITES:
            yield "_".join([*parts[:i], OPPOSITES[part], *parts[i + 1 :]])


def _word(name: str) -> str:
    return next((part for part in name.split("_") if part in TIMES), "")


def _plain(schema: Any) -> Schema:
    """The schema without the choice of being null."""
    if not isinstance(schema, Mapping):
        return {}
    choices = schema.get("anyOf")
    if isinstance(choices, Sequence) and choices and isinstance(choices[0], Mapping):
        return choices[0]
    return schema


def _is_number(schema: Any) -> bool:
    return _plain(schema).get("type") in ("number", "integer")


def _may_be_null(schema: Schema) -> bool:
    stated = schema.get("type")
    return "anyOf" in schema or (isinstance(stated, list) and "null" in stated)


def _cast(value: float, schema: Schema) -> float:
    plain = _plain(schema)
    bounded: float = max(plain.get("minimum", value), min(value, plain.get("maximum", value)))
    return round(bounded) if plain.get("type") == "integer" else round(bounded, 3)
