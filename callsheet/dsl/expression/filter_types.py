"""The types that filters take and give."""

from __future__ import annotations

from typing import Final

from callsheet.spec.types import (
    BOOLEAN,
    INTEGER,
    JSON,
    NUMBER,
    STRING,
    Choice,
    ListOf,
    Maybe,
    Scalar,
    Type,
    media_in,
)

TEXT_TO_TEXT: Final = ("capitalize", "lower", "replace", "title", "trim", "truncate", "upper")
TO_LIST: Final = ("reverse", "sort", "unique")
TO_ITEM: Final = ("first", "last", "max", "min", "sum")
COUNTS: Final = ("count", "length")


def filter_type(name: str, given: Type) -> Type | str:
    """The type that filter `name` makes of `given`, or what it takes instead, in words."""
    given = plain(given)
    if name == "tojson":
        return "values without media" if any(media_in(given)) else STRING
    if given == JSON:
        return _of_anything(name)
    if name in TEXT_TO_TEXT:
        return STRING if given == STRING else "text"
    if name == "wordcount":
        return INTEGER if given == STRING else "text"
    if name in COUNTS:
        return INTEGER if given == STRING or isinstance(given, ListOf) else "text or a list"
    if name == "join":
        return STRING if isinstance(given, ListOf) else "a list"
    if name in TO_LIST:
        return given if isinstance(given, ListOf) else "a list"
    if name in TO_ITEM:
        return given.item if isinstance(given, ListOf) else "a list"
    if name == "string":
        return STRING
    return _of_number(name, given)


def _of_number(name: str, given: Type) -> Type | str:
    if name in ("int", "float"):
        return (
            (INTEGER if name == "int" else NUMBER)
            if given in (STRING, INTEGER, NUMBER)
            else "text or a number"
        )
    return given if given in (INTEGER, NUMBER) else "a number"


def _of_anything(name: str) -> Type:
    if name in (*TEXT_TO_TEXT, "join", "string"):
        return STRING
    if name in (*COUNTS, "wordcount", "int"):
        return INTEGER
    if name in TO_LIST:
        return ListOf(JSON)
    return JSON if name in TO_ITEM else NUMBER


def plain(t: Type) -> Type:
    """The type without `?`, and the base type of a choice."""
    match t:
        case Maybe(inner):
            return plain(inner)
        case Choice(values):
            first = values[0]
            return STRING if isinstance(first, str) else INTEGER if isinstance(first, int) else NUMBER
    return t


def either(first: Type, second: Type) -> Type:
    """The type of a value that is one or the other."""
    a, b = plain(first), plain(second)
    if a == b:
        return a
    if (a, b) in ((INTEGER, NUMBER), (NUMBER, INTEGER)):
        return NUMBER
    if isinstance(a, ListOf) and isinstance(b, ListOf):
        return ListOf(either(a.item, b.item))
    return JSON


def of_value(value: object) -> Type:
    """The type of a JSON value."""
    match value:
        case bool():
            return BOOLEAN
        case int():
            return INTEGER
        case float():
            return NUMBER
        case str():
            return STRING
    return JSON


PASTED: Final[tuple[Scalar, ...]] = (STRING, INTEGER, NUMBER, BOOLEAN, JSON)
