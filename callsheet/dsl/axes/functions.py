"""The functions of the language, as expressions call them."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

from callsheet.dsl.axes.axis import AxisFacts, neighbour
from callsheet.dsl.axes.scope import Handle, Scope, no_neighbour, with_known
from callsheet.dsl.expression.tree import Context, pass_context
from callsheet.dsl.expression.values import (
    MAX_ELEMENTS,
    Absent,
    EvaluationError,
    ListKey,
    NotYet,
    Pending,
    noun,
)
from callsheet.spec.lengths import Lengths
from callsheet.spec.rules import expressions as rules


def functions() -> dict[str, Callable[..., object]]:
    """The functions by name. Names with `_` are calls that the type check rewrote.

    The axis of `next`, `prev` and `at` was added to the call by the type check as well.
    """
    return {
        "next": _step(1),
        "prev": _step(-1),
        "at": _at,
        "all": lambda x: x.everything(),
        "len": _len,
        "range": _range,
        "zip": lambda *lists: [list(row) for row in zip(*lists, strict=False)],
        "_product": _product,
        "_key": ListKey,
        "fit_duration": _fit_duration,
    }


def _step(by: int) -> Callable[..., object]:
    @pass_context
    def moved(context: Context, x: object, axis: str, wrap: bool = False) -> object:
        """The neighbour of an instance, or of the element of an axis."""
        if isinstance(x, Absent):
            return x
        return x.moved(axis, by, wrap) if isinstance(x, Handle) else _element(context, axis, by, wrap)

    return moved


def _element(context: Context, axis: str, by: int, wrap: bool) -> object:
    facts = context["axis"][axis]
    if isinstance(facts, Pending):
        raise NotYet
    assert isinstance(facts, AxisFacts)
    index = neighbour(facts["index"], by, len(facts.elements), wrap)  # type: ignore[arg-type]
    if index is None:
        return no_neighbour(axis, str(facts["key"]), by)
    scope = context.parent
    return with_known(facts.elements[index], scope.lookup if isinstance(scope, Scope) else None)


def _at(x: Handle | Absent, key: object, axis: str) -> object:
    if isinstance(key, Pending):
        raise NotYet
    return x if isinstance(x, Absent) else x.at(axis, key)


def _len(x: Any) -> int:
    if isinstance(x, Absent):
        return 0
    if not isinstance(x, list | dict | str | Handle | Pending):
        raise EvaluationError(rules.len_takes())
    return len(x)


def _range(*bounds: Any) -> list[int]:
    if any(isinstance(b, Pending) for b in bounds):
        raise NotYet
    if any(isinstance(b, bool) or not isinstance(b, int) for b in bounds):
        raise EvaluationError(rules.range_takes())
    numbers = range(*bounds)
    _cap(len(numbers))
    return list(numbers)


def _product(*lists: Any) -> list[list[object]]:
    size = 1
    for one in lists:
        size *= len(one)
    _cap(size)
    return [list(row) for row in itertools.product(*lists)]


def _fit_duration(seconds: Any, lengths: tuple[Any, ...]) -> object:
    if isinstance(seconds, Pending):
        raise NotYet
    if isinstance(seconds, Absent):
        raise EvaluationError(rules.absent(seconds.reason))
    if isinstance(seconds, bool) or not isinstance(seconds, int | float):
        raise EvaluationError(rules.fit_duration_takes_seconds(noun(seconds)))
    offered = Lengths.decoded(lengths)
    found = offered.fitting(seconds)
    if found is None:
        raise EvaluationError(rules.longer_than_the_model(seconds, offered.uses, offered.longest))
    return found


def _cap(size: int) -> None:
    if size > MAX_ELEMENTS:
        raise EvaluationError(rules.long_list(size, MAX_ELEMENTS))
