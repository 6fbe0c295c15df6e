"""Writes values and types for messages."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.spec.media import Artifact
from callsheet.spec.types import Choice, Field, ListOf, Maybe, Media, Record, Type
from callsheet.spec.values import LocalFile


def paths_start(folder: object) -> str:
    """A help line: where relative paths start."""
    return f"paths start at {folder_name(folder)}"


def folder_name(folder: object) -> str:
    """A folder as a message names it: its path, but for `.`."""
    return "the current folder" if str(folder) == "." else str(folder)


def shown(value: object) -> str:
    """A value as a message shows it, short."""
    match value:
        case str():
            return f'"{value}"' if len(value) <= 40 else f'"{value[:37]}…"'
        case bool():
            return str(value).lower()
        case None:
            return "null"
        case list():
            return f"a list of {len(value)}"
        case Mapping():
            return "an object"
        case LocalFile(kind=kind) | Artifact(kind=kind):
            return a_type(Media(kind))
    return str(value)


def written(value: object) -> str:
    """A value as YAML would have it."""
    return (
        f'"{value}"'
        if isinstance(value, str) and value[:1].isdigit() and not value[-1:].isalpha()
        else str(value)
    )


def listed(choice: Choice) -> str:
    """The choices, at most a dozen of them."""
    some = Choice(choice.values[:12])
    return f"{some}".replace(" | ", ", ") + (
        f" and {len(choice.values) - 12} more" if len(choice.values) > 12 else ""
    )


def span_of(field: Field) -> str:
    """The range of a number in words."""
    if field.min_exclusive is not None or field.max_exclusive is not None:
        return _open_span(field)
    if field.minimum is None:
        return f"the range up to {field.maximum:g}"
    if field.maximum is None:
        return f"the range from {field.minimum:g}"
    return f"{field.minimum:g} to {field.maximum:g}"


def _open_span(field: Field) -> str:
    """The range of a number whose ends do not all belong to it."""
    bounds = (
        ("at least", field.minimum),
        ("more than", field.min_exclusive),
        ("at most", field.maximum),
        ("less than", field.max_exclusive),
    )
    return "the range " + " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)


def a_type(t: Type) -> str:
    """The type with its article."""
    match t:
        case ListOf(item):
            return f"a list of {_plural(item)}"
        case Maybe(inner):
            return a_type(inner)
        case Record():
            return "an object"
        case Choice():
            return f"one of {listed(t)}"
    text = str(t)
    return {"string": "text", "json": "a JSON value"}.get(
        text, f"{'an' if text[0] in 'aeiou' else 'a'} {text}"
    )


def _plural(t: Type) -> str:
    match t:
        case ListOf(item):
            return f"lists of {_plural(item)}"
        case Maybe(inner):
            return _plural(inner)
        case Record():
            return "objects"
        case Choice():
            return f"{listed(t)}"
    words = {"string": "texts", "json": "JSON values", "audio": "audio"}
    return words.get(str(t), f"{t}s")
