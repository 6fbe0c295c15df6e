"""The filters that expressions may use: Jinja's own, each with a cap on what it may yield."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any, Final

from jinja2 import StrictUndefined, Undefined, filters

from callsheet.dsl.expression.values import (
    MAX_TEXT,
    Absent,
    EvaluationError,
    NotYet,
    Pending,
    look_up,
    noun,
    paste,
    why_missing,
)
from callsheet.spec.rules import expressions as rules
from callsheet.spec.types import NOTHING
from callsheet.spec.values import map_leaves
from callsheet.spec.wording import shown

JSON: Final = json.JSONEncoder(ensure_ascii=False, sort_keys=True, allow_nan=False)
Filter = Callable[..., Any]


def _known(*values: object) -> None:
    for value in values:
        if isinstance(value, Pending):
            raise NotYet
        if isinstance(value, Absent):
            raise EvaluationError(rules.absent_in_filter(value.reason))
        if isinstance(value, list | tuple):
            _known(*value)


def _checked(name: str, filter_: Filter) -> Filter:
    """The Jinja filter, for known values only. It raises NotYet and EvaluationError."""

    def run(value: object, *args: object, **kwargs: object) -> object:
        _known(value, *args, *kwargs.values())
        try:
            return filter_(value, *args, **kwargs)
        except (TypeError, ValueError, AttributeError, OverflowError):
            raise EvaluationError(rules.filter_failed(name, _unfit(value))) from None

    return run


def _unfit(value: object) -> str:
    """What a filter could not work with."""
    match value:
        case []:
            return "an empty list"
        case [*_]:
            return "a list with such elements"
        case str():
            return f"the text {shown(value)}"
    return noun(value)


def default(value: object, fallback: object = "") -> object:
    """`value`, or `fallback` where it is absent or null."""
    return fallback if value is None or isinstance(value, Undefined) else value


def join(values: Iterable[object], separator: str = "") -> str:
    pieces = [paste(v) for v in values]
    _cap(sum(map(len, pieces)) + len(separator) * len(pieces))
    return separator.join(pieces)


def replace(text: str, old: str, new: str) -> str:
    _cap(len(text) + text.count(old) * max(0, len(new) - len(old)))
    return text.replace(old, new)


def truncate(text: str, length: int = 255, end: str = "…") -> str:
    return text if len(text) <= length else text[: max(0, length - len(end))].rstrip() + end


def wordcount(text: str) -> int:
    return len(text.split())


def length(value: Any) -> int:
    return len(value)


def reverse(values: list[object]) -> list[object]:
    return values[::-1]


def unique(values: list[object]) -> list[object]:
    return [v for i, v in enumerate(values) if v not in values[:i]]


def sort(values: list[Any]) -> list[Any]:
    return sorted(values)


def total(values: list[float]) -> float:
    return sum(values)


def to_text(value: object) -> str:
    return paste(value)


def to_json(value: object) -> str:
    """The value as JSON text: equal values give equal text, with the fields in alphabetical order."""
    if isinstance(value, Absent):
        raise EvaluationError(rules.absent_in_filter(value.reason))
    text, pieces = 0, []
    for piece in JSON.iterencode(map_leaves(value, _json_leaf)):
        text += len(piece)
        _cap(text)
        pieces.append(piece)
    return "".join(pieces)


def _json_leaf(leaf: object) -> object:
    match leaf:
        case None | bool() | str() | int() | float():
            return leaf
        case Pending():
            raise NotYet
        case Absent():
            return NOTHING
        case StrictUndefined():
            raise EvaluationError(rules.not_found(why_missing(leaf)))
    raise EvaluationError(rules.not_json(noun(leaf)))


def first(values: object) -> object:
    return _end(values, 0)


def last(values: object) -> object:
    return _end(values, -1)


def _end(values: object, at: int) -> object:
    """The first or last element of a list, also of one that is not known yet."""
    if isinstance(values, Pending):
        return values.at_key(at)
    if isinstance(values, Absent):
        return values
    if not isinstance(values, list):
        raise EvaluationError(rules.ends_take_a_list(noun(values)))
    return values[at] if values else Absent("the list is empty")


def map_(values: object, name: str = "", attribute: str | int | None = None) -> object:
    """Each element's field (`map(attribute="id")`), or each through a filter (`map("first")`)."""
    if isinstance(values, Pending):
        raise NotYet
    if not isinstance(values, list):
        raise EvaluationError(rules.map_takes_a_list(noun(values)))
    if attribute is not None:
        return [look_up(v, attribute) for v in values]
    if name not in FILTERS:
        raise EvaluationError(rules.map_takes_a_filter(repr(name)))
    return [FILTERS[name](v) for v in values]


def _cap(size: int) -> None:
    if size > MAX_TEXT:
        raise EvaluationError(rules.long_filtered(size))


KNOWN_ONLY: Final[dict[str, Filter]] = {
    "abs": abs,
    "capitalize": lambda s: str.capitalize(s),
    "count": length,
    "float": float,
    "int": int,
    "join": join,
    "length": length,
    "lower": lambda s: str.lower(s),
    "max": max,
    "min": min,
    "replace": replace,
    "reverse": reverse,
    "round": filters.do_round,
    "sort": sort,
    "string": to_text,
    "sum": total,
    "title": lambda s: filters.do_title(s),
    "trim": lambda s: str.strip(s),
    "truncate": truncate,
    "unique": unique,
    "upper": lambda s: str.upper(s),
    "wordcount": wordcount,
}

FILTERS: Final[dict[str, Filter]] = {
    "default": default,
    "d": default,
    "first": first,
    "last": last,
    "map": map_,
    "tojson": to_json,
    **{name: _checked(name, filter_) for name, filter_ in KNOWN_ONLY.items()},
}
