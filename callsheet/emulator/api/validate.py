"""Checks the body of a request against a model's parameters; pydantic words what is wrong, as at fal."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from pydantic_core import CoreSchema, PydanticCustomError, SchemaValidator, ValidationError
from pydantic_core import core_schema as core

from callsheet.spec.node import NodeSpec
from callsheet.spec.types import JSON, Choice, Field, ListOf, Maybe, Media, OneOf, Record, Scalar, Type

ADDRESS: Final = re.compile(r"https?://\S+|data:[\w.+/-]*(;[\w=-]+)*,", re.IGNORECASE)
NAMES: Final = {"too_long": "sequence_too_long", "too_short": "sequence_too_short"}
"""Types of errors that have another name at fal."""

UNLIMITED: Final = Field(JSON)


def errors(
    spec: NodeSpec, body: Mapping[str, object], fetchable: Callable[[str], bool]
) -> list[dict[str, Any]]:
    """The elements of a 422's `detail`; empty when the body is fine. Unknown fields pass, as at fal.

    fetchable: whether the provider could download an input's URL.
    """
    try:
        SchemaValidator(_object(spec.inputs)).validate_python(body, strict=True, context=fetchable)
    except ValidationError as error:
        return [
            {**found, "loc": ["body", *found["loc"]], "type": NAMES.get(found["type"], found["type"])}
            for found in error.errors(include_url=False)
        ]
    return [
        {
            "loc": ["body", rule.parameters[0]],
            "msg": f"Value error, {rule.said(body)}",
            "type": "value_error",
            "input": body,
        }
        for rule in spec.rules
        if rule.broken(body)
    ]


def _object(fields: Mapping[str, Field]) -> CoreSchema:
    """An object; a field that is not required may be left out, or null."""
    return core.typed_dict_schema(
        {name: core.typed_dict_field(_field(f), required=f.required) for name, f in fields.items()}
    )


def _field(field: Field) -> CoreSchema:
    own = _type(field.type, field)
    return own if field.required else core.nullable_schema(own)


def _type(t: Type, limits: Field = UNLIMITED) -> CoreSchema:
    """The schema of a value of type `t`. limits: the field where it stands."""
    low, high = limits.minimum, limits.maximum
    match t:
        case Scalar("string"):
            return core.str_schema(max_length=limits.max_length)
        case Scalar("integer"):
            return core.int_schema(ge=_rounded(low, math.ceil), le=_rounded(high, math.floor))
        case Scalar("number"):
            return core.float_schema(ge=low, le=high)
        case Scalar("boolean"):
            return core.bool_schema()
        case Choice(values):
            return core.literal_schema(list(values))
        case Media():
            return core.with_info_after_validator_function(_fetched, core.str_schema())
        case ListOf(item):
            return core.list_schema(_type(item), min_length=limits.min_items, max_length=limits.max_items)
        case Maybe(inner):
            return core.nullable_schema(_type(inner, limits))
        case OneOf(options):
            return core.union_schema([_type(option, limits) for option in options])
        case Record(fields):
            return _object(fields)
    return core.any_schema()


def _rounded(limit: float | None, to: Callable[[float], int]) -> int | None:
    return None if limit is None else to(limit)


def _fetched(url: str, info: core.ValidationInfo[Any]) -> str:
    if not (ADDRESS.match(url) and info.context(url)):
        raise PydanticCustomError("file_download_error", "Failed to download the file")
    return url
