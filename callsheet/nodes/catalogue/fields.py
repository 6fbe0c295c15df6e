"""Builds types of the language from the fields of a record."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from callsheet.spec.types import JSON, NOTHING, Choice, Field, ListOf, Maybe, OneOf, Record, Type, parse_type


def type_of(data: Mapping[str, Any]) -> Type:
    """The type that a field of a record states."""
    if "enum" in data:
        return Choice(tuple(data["enum"]))
    match data["type"]:
        case "list":
            return ListOf(type_of(data["item"]))
        case "record":
            return Record(fields_of(data["fields"]))
        case "any":
            return OneOf(tuple(type_of(option) for option in data["any"]))
        case name:
            return parse_type(name) or JSON


def field_of(data: Mapping[str, Any]) -> Field:
    """One parameter."""
    return Field(
        type=type_of(data),
        required=data.get("required", False),
        default=data.get("default", NOTHING),
        minimum=data.get("minimum"),
        maximum=data.get("maximum"),
        max_length=data.get("max_length"),
        min_items=data.get("min_items"),
        max_items=data.get("max_items"),
    )


def fields_of(data: Mapping[str, Any]) -> dict[str, Field]:
    return {name: field_of(field) for name, field in data.items()}


def output_of(data: Mapping[str, Any]) -> Type:
    """The type of an output; one that a reply may leave out is `T?`."""
    made = type_of(data)
    return Maybe(made) if data.get("optional") else made
