"""One list of an axis: is it one, and do its keys tell its elements apart?"""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.axes.axis import Branch, facts_at
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.expression.values import EvaluationError, NotYet, Pending
from callsheet.dsl.syntax.ast import AxisDecl

LONGEST_KEY = 200


class Unusable(Exception):
    """A list that no axis can range over; `span` is the part of the axis that it breaks."""

    def __init__(self, code: str, span: Span, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code, self.span, self.message, self.help = code, span, message, help


def most_of(decl: AxisDecl) -> int | None:
    """How many elements a list of the axis may have."""
    most = decl.most.value if decl.most else None
    assert most is None or isinstance(most, int)
    return most


def branch_of(decl: AxisDecl, where: str, value: object, scope: Mapping[str, object]) -> Branch:
    """`value` as a list of the axis, called `where`. scope: what is known around it.

    Raises Unusable.
    """
    if isinstance(value, Pending):
        raise Unusable(
            "late-value",
            decl.over.span,
            f"the list of `{where}` is known only during the run",
            "put the axis over it into the pipeline, and use the recipe once for each element",
        )
    if not isinstance(value, list):
        raise Unusable(
            "axis-list",
            decl.over.span,
            f"the axis `{where}` needs a list",
            "name an input of type list, or write `[…]`",
        )
    most = most_of(decl)
    if most is not None and len(value) > most:
        raise Unusable(
            "axis-max",
            decl.most.span if decl.most else decl.over.span,
            f"the list of `{where}` has {len(value)} elements; its `max` is {most}",
            "raise `max`, or make the list shorter",
        )
    if decl.item_key is None:
        return Branch(value, tuple(map(str, range(len(value)))))
    keys: dict[str, int] = {}
    for i in range(len(value)):
        key = _key(decl, where, value, i, scope)
        if key in keys:
            raise Unusable(
                "axis-key",
                decl.item_key.span,
                f'elements {keys[key] + 1} and {i + 1} of `{where}` have the same key "{key}"',
                "make the keys distinct",
            )
        keys[key] = i
    return Branch(value, tuple(keys))


def _key(decl: AxisDecl, where: str, items: list[object], i: int, scope: Mapping[str, object]) -> str:
    assert decl.item_key is not None
    place = decl.item_key.span
    facts = {**_facts(scope), decl.name: facts_at(i, "", len(items))}
    try:
        value = decl.item_key.evaluate({**scope, decl.name: items[i], "axis": facts})
    except NotYet:
        raise _late(place) from None
    except EvaluationError as error:
        raise Unusable(error.code, place, f"for element {i + 1}: {error.message}", error.help) from None
    if isinstance(value, Pending):
        raise _late(place)
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not text.strip() or len(text) > LONGEST_KEY or any(ord(c) < 32 for c in text):
        message = f"element {i + 1} of `{where}` has no usable key"
        raise Unusable("axis-key", place, message, "a key is a short text or a whole number")
    return text


def _late(place: Span) -> Unusable:
    return Unusable("late-value", place, "a key is known before the run; an output is not")


def _facts(scope: Mapping[str, object]) -> Mapping[str, object]:
    facts = scope.get("axis", {})
    assert isinstance(facts, Mapping)
    return facts
