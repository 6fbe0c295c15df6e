"""Checks one list of an axis: it is a list, not too long, and its keys are distinct."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.dsl.axes.axis import AxisFacts, Branch
from callsheet.dsl.diagnostics.diagnostic import RuleBroken
from callsheet.dsl.expression.values import EvaluationError, NotYet, Pending
from callsheet.dsl.syntax.ast import AxisDecl
from callsheet.spec.rules import axes as rules

LONGEST_KEY: Final = 200
"""Characters of a key."""


def most_of(decl: AxisDecl) -> int | None:
    """How many elements a list of the axis may have."""
    most = decl.most.value if decl.most else None
    assert most is None or isinstance(most, int)
    return most


def branch_of(decl: AxisDecl, where: str, value: object, scope: Mapping[str, object]) -> Branch:
    """The elements and keys of the list `value`. where: its address. scope: names that keys can use.

    Raises RuleBroken when it cannot be the list of an axis.
    """
    if isinstance(value, Pending):
        raise RuleBroken(decl.over.span, rules.late_list(where))
    if not isinstance(value, list):
        raise RuleBroken(decl.over.span, rules.not_a_list(where))
    most = most_of(decl)
    if most is not None and len(value) > most:
        place = decl.most.span if decl.most else decl.over.span
        raise RuleBroken(place, rules.list_too_long(where, len(value), most))
    if decl.item_key is None:
        return Branch(value, tuple(map(str, range(len(value)))))
    keys: dict[str, int] = {}
    for i in range(len(value)):
        key = _key(decl, where, value, i, scope)
        if key in keys:
            raise RuleBroken(decl.item_key.span, rules.same_key(where, keys[key] + 1, i + 1, key))
        keys[key] = i
    return Branch(value, tuple(keys))


def _key(decl: AxisDecl, where: str, items: list[object], i: int, scope: Mapping[str, object]) -> str:
    assert decl.item_key is not None
    place = decl.item_key.span
    facts = {**_facts(scope), decl.name: AxisFacts(i, "", items)}
    try:
        value = decl.item_key.evaluate({**scope, decl.name: items[i], "axis": facts})
    except NotYet:
        raise RuleBroken(place, rules.late_key()) from None
    except EvaluationError as error:
        raise RuleBroken(place, error.problem.under(f"for element {i + 1}: ")) from None
    if isinstance(value, Pending):
        raise RuleBroken(place, rules.late_key())
    text = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    if not is_key(text):
        raise RuleBroken(place, rules.unusable_key(where, i + 1))
    return text


def is_key(text: str) -> bool:
    """Whether a text can be a key: a short one in one line, which is not empty."""
    return bool(text.strip()) and len(text) <= LONGEST_KEY and all(ord(c) >= 32 for c in text)


def _facts(scope: Mapping[str, object]) -> Mapping[str, object]:
    facts = scope.get("axis", {})
    assert isinstance(facts, Mapping)
    return facts
