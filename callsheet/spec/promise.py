"""Did a job deliver what its spec promises?"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from callsheet.errors import NodeError
from callsheet.spec.job import Made
from callsheet.spec.types import NOTHING, Choice, ListOf, Maybe, Media, OneOf, Record, Scalar, Type

Keep = Callable[[Made, str], object]
"""Keeps a file; the text is its place among the outputs ("images[0]"), to tell several apart."""


def delivered(outputs: Mapping[str, Type], made: Mapping[str, object], keep: Keep) -> dict[str, object]:
    """What was made, by output name, each media file kept; what was not promised is left out.

    Raises NodeError (*failed*) for a promised output that is missing or of another type.
    """
    values = {name: _checked(name, t, made.get(name, NOTHING), keep) for name, t in outputs.items()}
    return {name: value for name, value in values.items() if value is not NOTHING}


def _checked(place: str, t: Type, value: object, keep: Keep) -> object:
    match t:
        case Maybe(inner):
            absent = value is NOTHING or value is None
            return NOTHING if absent else _checked(place, inner, value, keep)
        case Media(kind) if isinstance(value, Made) and (kind in (value.kind, "file")):
            return keep(value, place)
        case ListOf(item) if isinstance(value, list | tuple):
            return [_checked(f"{place}[{i}]", item, v, keep) for i, v in enumerate(value)]
        case Record() if isinstance(value, Mapping):
            return _record(place, t, value, keep)
        case OneOf(options):
            return _first_that_fits(place, options, value, keep)
        case Choice(values) if value in values:
            return value
        case Scalar(name) if _is(name, value):
            return value
    raise NodeError(_broken(place, t, value), "failed", "run it again")


def _record(place: str, t: Record, value: Mapping[str, object], keep: Keep) -> dict[str, object]:
    fields = {}
    for name, field in t.fields.items():
        if name in value or field.required:
            fields[name] = _checked(f"{place}.{name}", field.type, value.get(name, NOTHING), keep)
    if t.open:
        fields.update({n: v for n, v in value.items() if n not in fields and _is("json", v)})
    return {name: v for name, v in fields.items() if v is not NOTHING}


def _first_that_fits(place: str, options: tuple[Type, ...], value: object, keep: Keep) -> object:
    for option in options:
        try:
            return _checked(place, option, value, keep)
        except NodeError:
            continue
    raise NodeError(_broken(place, OneOf(options), value), "failed", "run it again")


def _is(name: str, value: object) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return _is_json(value)


def _is_json(value: object) -> bool:
    match value:
        case None | bool() | str() | int():
            return True
        case float():
            return math.isfinite(value)
        case list() | tuple():
            return all(map(_is_json, value))
        case Mapping():
            return all(isinstance(k, str) and _is_json(v) for k, v in value.items())
    return False


def _broken(place: str, t: Type, value: object) -> str:
    if value is NOTHING:
        return f"the output {place} ({t}) was promised, but did not come"
    came = value.kind if isinstance(value, Made) else type(value).__name__
    return f"the output {place} should be {t}, but {came} came"
