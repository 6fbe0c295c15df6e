"""The fields of an answer as the JSON Schema that language models are given."""

from __future__ import annotations

from typing import Any, Final

from callsheet.spec.types import Choice, Field, ListOf, Maybe, OneOf, Record, Scalar, Type

Data = dict[str, Any]
LIMITS: Final = {
    "minimum": "minimum",
    "maximum": "maximum",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
}


def json_schema(fields: Record) -> Data:
    """Every field is asked for, as strict modes want it; one that may be absent may be null."""
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.fields.items()},
        "required": list(fields.fields),
        "additionalProperties": fields.open,
    }


def _field(field: Field) -> Data:
    bounds = {word: getattr(field, name) for name, word in LIMITS.items() if getattr(field, name) is not None}
    about = {"description": field.description} if field.description else {}
    data = {**_type(field.type), **bounds, **about}
    return data if field.required or isinstance(field.type, Maybe) else _or_null(data)


def _type(t: Type) -> Data:
    match t:
        case Scalar("json"):
            return {}
        case Scalar(name):
            return {"type": name}
        case Choice(values):
            return {"enum": list(values)}
        case ListOf(item):
            return {"type": "array", "items": _type(item)}
        case Maybe(inner):
            return _or_null(_type(inner))
        case OneOf(options):
            return {"anyOf": [_type(option) for option in options]}
        case Record():
            return json_schema(t)
    return {}


def _or_null(data: Data) -> Data:
    return {"anyOf": [data, {"type": "null"}]} if data else data
