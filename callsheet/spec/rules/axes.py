"""Axes: their lists, and the keys of their elements."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from callsheet.spec.rules.expressions import CYCLE
from callsheet.spec.rules.instances import LATE, TOO_MANY
from callsheet.spec.rules.rule import Problem, Rule, Text
from callsheet.spec.types import Type

LIST: Final = Rule("axis-list", "`over` of an axis must be a list.")
MAX: Final = Rule("axis-max", "An axis over an output needs `max`, and its list cannot be longer than `max`.")
KEY: Final = Rule("axis-key", "The keys of an axis must be different, and non-empty text or whole numbers.")


@LIST.error
def not_a_list(axis: str) -> Text:
    return f"the axis `{axis}` needs a list", "name an input of type list, or write `[…]`"


@LIST.error
def absent_list(axis: str, reason: str) -> Text:
    return f"{reason}, so the axis `{axis}` has no list"


@LIST.error
def no_list_came(axis: str) -> Text:
    return f"no list came for the axis `{axis}`"


@LIST.error
def empty_list(axis: str) -> Text:
    return f"the list of `{axis}` is empty"


@LIST.error
def wrong_element(axis: str, number: int | None, problem: Problem) -> Text:
    """number: of the element that the problem is about, from 1; None for the list itself."""
    place = f"the list of `{axis}`" if number is None else f"element {number} of `{axis}`"
    return f"{place}: {problem.message}", problem.help


@LIST.error
def type_not_a_list(axis: str, given: Type) -> Text:
    return f"the axis `{axis}` needs a list; this is {given}"


@MAX.error
def no_max(axis: str) -> Text:
    return (
        f"the axis `{axis}` ranges over an output and has no `max`",
        "add `max: 12`, or another number: no more are made, and `plan` prices that many",
    )


@MAX.error
def list_too_long(axis: str, length: int, most: int) -> Text:
    return (
        f"the list of `{axis}` has {length} elements; its `max` is {most}",
        "raise `max`, or make the list shorter",
    )


@LATE.error
def late_list(axis: str) -> Text:
    return (
        f"the list of `{axis}` is known only during the run",
        "put the axis over it into the pipeline, and use the recipe once for each element",
    )


@LATE.error
def late_key() -> Text:
    return "a key is known before the run; an output is not"


@KEY.error
def same_key(axis: str, first: int, second: int, key: str) -> Text:
    return (
        f'elements {first} and {second} of `{axis}` have the same key "{key}"',
        "make the keys distinct",
    )


@KEY.error
def unusable_key(axis: str, number: int) -> Text:
    return f"element {number} of `{axis}` has no usable key", "a key is a short text or a whole number"


@KEY.error
def key_not_an_expression() -> Text:
    return "`key` is an expression over the axis variable", "for example `key: ${{ shot.id }}`"


@CYCLE.error
def axes_in_a_circle(circle: Sequence[str]) -> Text:
    """circle: each axis once, after the one that is made from it."""
    message = (
        f"these axes wait for each other: {' → '.join([*circle, circle[0]])}"
        if len(circle) > 1
        else f"the list of the axis `{circle[0]}` is made from itself"
    )
    return message, "range over an input, or over a node outside the axis"


@TOO_MANY.error
def too_many_elements(axis: str, most: int) -> Text:
    return f"the lists of `{axis}` have more than {most:,} elements"
