"""Writes the fields of an answer as JSON Schema for language models."""

from __future__ import annotations

from typing import Final

from callsheet.spec.json_schema import Dialect, Schema, bounds, or_null
from callsheet.spec.types import Field, Maybe, Record


def json_schema(fields: Record) -> Schema:
    """The schema of an answer. Every field is required, as strict modes need it; one that may be absent may
    be null."""
    return {
        "type": "object",
        "properties": {name: _field(field) for name, field in fields.fields.items()},
        "required": list(fields.fields),
        "additionalProperties": fields.open,
    }


ANSWER: Final = Dialect(record=json_schema, media=lambda _: {})
"""An answer holds no media; a field of such a type could be anything."""


def _field(field: Field) -> Schema:
    about = {"description": field.description} if field.description else {}
    data = {**ANSWER.schema(field.type), **bounds(field), **about}
    return data if field.required or isinstance(field.type, Maybe) else or_null(data)
