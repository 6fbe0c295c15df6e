"""The listed values of a type."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.spec.types import Choice, ListOf, Maybe, OneOf, Type


def choices(t: Type) -> Iterator[str | int | float]:
    """The listed values of a type, also of one among several."""
    match t:
        case Choice(values):
            yield from values
        case ListOf(inner) | Maybe(inner):
            yield from choices(inner)
        case OneOf(options):
            for option in options:
                yield from choices(option)
