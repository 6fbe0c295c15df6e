"""The operators of expressions: `+ - * / // %` on numbers, and `+` on lists."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from typing import Any, Final

from callsheet.dsl.expression.values import MAX_ELEMENTS, Absent, EvaluationError, NotYet, Pending, noun
from callsheet.spec.numbers import usable
from callsheet.spec.rules import expressions as rules

OPERATORS: Final[Mapping[str, Callable[[Any, Any], Any]]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": operator.truediv,
    "//": operator.floordiv,
    "%": operator.mod,
}


def computed(sign: str, left: object, right: object) -> object:
    """The result of `left sign right`. Raises EvaluationError, or NotYet when it depends on an output."""
    for operand in (left, right):
        if isinstance(operand, Pending):
            raise NotYet
        if isinstance(operand, Absent):
            raise EvaluationError(rules.absent(operand.reason))
    if sign == "+" and isinstance(left, list) and isinstance(right, list):
        return _joined(left, right)
    for operand in (left, right):
        if isinstance(operand, bool) or not isinstance(operand, int | float):
            raise EvaluationError(rules.not_a_number(sign, noun(operand), isinstance(operand, str)))
    return _number(sign, left, right)


def _joined(left: list[object], right: list[object]) -> list[object]:
    size = len(left) + len(right)
    if size > MAX_ELEMENTS:
        raise EvaluationError(rules.long_list(size, MAX_ELEMENTS))
    return left + right


def _number(sign: str, left: object, right: object) -> int | float:
    try:
        result: int | float = OPERATORS[sign](left, right)
    except ZeroDivisionError:
        raise EvaluationError(rules.division_by_zero(sign)) from None
    except OverflowError:
        raise EvaluationError(rules.large_number()) from None
    if not usable(result):
        raise EvaluationError(rules.large_number())
    return result
