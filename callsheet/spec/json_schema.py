"""Writes a type as JSON Schema. A `Dialect` has the parts that differ between readers of a schema."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.spec.types import Choice, Field, ListOf, Maybe, Media, MediaKind, OneOf, Record, Scalar, Type

Schema = dict[str, Any]

KEYWORDS: Final[Mapping[str, str]] = {
    "minimum": "minimum",
    "maximum": "maximum",
    "max_length": "maxLength",
    "min_items": "minItems",
    "max_items": "maxItems",
    "min_exclusive": "exclusiveMinimum",
    "max_exclusive": "exclusiveMaximum",
    "min_length": "minLength",
}
"""Limit of a `Field` → keyword of JSON Schema."""


def _text(_: MediaKind) -> Schema:
    return {"type": "string"}


def _choice(choice: Choice) -> Schema:
    return {"enum": list(choice.values)}


def _same(schema: Schema) -> Schema:
    return schema


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the parts of a type are written.

    record: an object with named fields. media: a media value. choice: one of some values. element: what
    stands for the elements of a list, given the schema of their type.
    """

    record: Callable[[Record], Schema]
    media: Callable[[MediaKind], Schema] = _text
    choice: Callable[[Choice], Schema] = _choice
    element: Callable[[Schema], Schema] = _same

    def schema(self, t: Type) -> Schema:
        """The schema of a value of type `t`; {} for any JSON value."""
        match t:
            case Scalar("json"):
                return {}
            case Scalar(name):
                return {"type": name}
            case Media(kind):
                return self.media(kind)
            case Choice():
                return self.choice(t)
            case Maybe(inner):
                return or_null(self.schema(inner))
            case ListOf(item):
                return {"type": "array", "items": self.element(self.schema(item))}
            case OneOf(options):
                return {"anyOf": [self.schema(option) for option in options]}
            case Record():
                return self.record(t)
        raise TypeError(f"no schema of {t}")


def or_null(schema: Schema) -> Schema:
    """The schema of a value that may also be null."""
    return {"anyOf": [schema, {"type": "null"}]} if schema else schema


def bounds(field: Field) -> Schema:
    """The limits of a field as keywords."""
    limits = {keyword: getattr(field, name) for name, keyword in KEYWORDS.items()}
    return {keyword: limit for keyword, limit in limits.items() if limit is not None}
