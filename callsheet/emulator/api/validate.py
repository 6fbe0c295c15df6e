"""A request's body against the model's schema, answered the way fal words it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.spec.node import NodeSpec
from callsheet.spec.types import Choice, Field, ListOf, Maybe, Media, OneOf, Record, Scalar, Type

Location = tuple[str | int, ...]
Fetchable = Callable[[str], bool]
Errors = Iterator[dict[str, Any]]

ADDRESS: Final = re.compile(r"https?://\S+|data:[\w.+/-]*(;[\w=-]+)*,", re.IGNORECASE)
PYTHON: Final = {"string": str, "integer": int, "number": int | float, "boolean": bool}
NAMES: Final = {"string": "string", "integer": "int", "number": "float", "boolean": "bool"}


@dataclass(frozen=True, slots=True)
class Validator:
    """`fetchable` says whether the provider could download an input's URL."""

    fetchable: Fetchable

    def errors(self, spec: NodeSpec, body: Mapping[str, object]) -> list[dict[str, Any]]:
        """The elements of a 422's `detail`; empty when the body is fine. Unknown fields pass, as at fal."""
        found = list(self._fields(spec.inputs, body, ("body",)))
        if found:
            return found
        rules = [rule for rule in spec.rules if rule.broken(body)]
        return [
            _error("value_error", ("body", r.parameters[0]), f"Value error, {r.message}", body) for r in rules
        ]

    def _fields(self, fields: Mapping[str, Field], value: Mapping[str, object], at: Location) -> Errors:
        for name, field in fields.items():
            if name in value:
                yield from self._field(field, value[name], (*at, name))
            elif field.required:
                yield _error("missing", (*at, name), "Field required", dict(value))

    def _field(self, field: Field, value: object, at: Location) -> Errors:
        if value is None and not field.required:
            return
        found = list(self._type(field.type, value, at))
        yield from found or _bounds(field, value, at)

    def _type(self, wanted: Type, value: object, at: Location) -> Errors:
        match wanted:
            case Maybe(inner):
                if value is not None:
                    yield from self._type(inner, value, at)
            case OneOf(options):
                tries = [list(self._type(option, value, at)) for option in options]
                yield from () if not all(tries) else tries[0]
            case Choice(values):
                yield from _choice(values, value, at)
            case Scalar(name):
                yield from _scalar(name, value, at)
            case Media():
                yield from self._media(value, at)
            case ListOf(item):
                yield from self._list(item, value, at)
            case Record(fields):
                if isinstance(value, Mapping):
                    yield from self._fields(fields, value, at)
                else:
                    yield _error("dict_type", at, "Input should be a valid dictionary", value)

    def _list(self, item: Type, value: object, at: Location) -> Errors:
        if not isinstance(value, list):
            yield _error("list_type", at, "Input should be a valid list", value)
            return
        for i, element in enumerate(value):
            yield from self._type(item, element, (*at, i))

    def _media(self, value: object, at: Location) -> Errors:
        if not isinstance(value, str):
            yield _error("string_type", at, "Input should be a valid string", value)
        elif not ADDRESS.match(value) or not self.fetchable(value):
            yield _error("file_download_error", at, "Failed to download the file", value)


def _scalar(name: str, value: object, at: Location) -> Errors:
    python: Any = PYTHON.get(name)
    if python is None:
        return
    if not isinstance(value, python) or (isinstance(value, bool) and name != "boolean"):
        kind = NAMES[name]
        yield _error(f"{kind}_type", at, f"Input should be a valid {name}", value)


def _choice(values: tuple[str | int | float, ...], value: object, at: Location) -> Errors:
    if value in values and isinstance(value, bool) == isinstance(values[0], bool):
        return
    wanted = ", ".join(map(repr, values[:-1])) + (f" or {values[-1]!r}" if values[1:] else repr(values[0]))
    yield _error("literal_error", at, f"Input should be {wanted}", value, {"expected": wanted})


def _bounds(field: Field, value: object, at: Location) -> Errors:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if field.minimum is not None and value < field.minimum:
            yield _limit("greater_than_equal", at, "greater than or equal to", "ge", field.minimum, value)
        if field.maximum is not None and value > field.maximum:
            yield _limit("less_than_equal", at, "less than or equal to", "le", field.maximum, value)
    elif isinstance(value, str) and field.max_length is not None and len(value) > field.max_length:
        message = f"String should have at most {field.max_length} characters"
        yield _error("string_too_long", at, message, value, {"max_length": field.max_length})
    elif isinstance(value, list):
        yield from _count(field, value, at)


def _count(field: Field, value: list[object], at: Location) -> Errors:
    if field.max_items is not None and len(value) > field.max_items:
        message = f"List should have at most {field.max_items} items"
        yield _error("sequence_too_long", at, message, value, {"max_length": field.max_items})
    if field.min_items is not None and len(value) < field.min_items:
        message = f"List should have at least {field.min_items} items"
        yield _error("sequence_too_short", at, message, value, {"min_length": field.min_items})


def _limit(kind: str, at: Location, words: str, name: str, limit: float, value: object) -> dict[str, Any]:
    return _error(kind, at, f"Input should be {words} {limit:g}", value, {name: limit})


def _error(
    kind: str, at: Location, message: str, value: object, context: Mapping[str, object] | None = None
) -> dict[str, Any]:
    error = {"loc": list(at), "msg": message, "type": kind, "input": value}
    return {**error, "ctx": dict(context)} if context else error
