"""A type where another is taken: which problem that is."""

from __future__ import annotations

from callsheet.dsl.expression.filter_types import plain
from callsheet.spec.conform import fits
from callsheet.spec.rules import values as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.types import STRING, Choice, ListOf, Media, OneOf, Record, Scalar, Type


def mismatch(wanted: Type, given: Type, known: bool) -> Problem:
    """Why `given` does not fit `wanted`, and what would. known: see `fits`."""
    given = plain(given)
    match wanted, given:
        case Media(kind), Media(other):
            return rules.wrong_medium(kind, other)
        case Media(), _ if given == STRING and not known:
            return rules.text_not_a_medium(wanted)
        case ListOf(item), ListOf(ListOf()) if _depth(item, given) > 1:
            return rules.lists_in_a_list(wanted, given)
        case ListOf(item), ListOf(other) if not fits(item, other, known):
            return mismatch(item, other, known).under("the elements: ")
        case ListOf(item), _ if not isinstance(given, ListOf) and fits(item, given):
            return rules.not_in_a_list(wanted, given)
        case _, ListOf() if (depth := _depth(wanted, given)) > 0:
            return rules.list_of_what_is_taken(wanted, given, depth)
        case OneOf(options), _:
            return rules.none_of_several(wanted, given, options)
        case Choice(values), _ if isinstance(values[0], str) and given != STRING:
            return rules.not_text(wanted, given, values)
        case Scalar("integer"), Scalar("number"):
            return rules.not_whole(wanted, given)
        case Scalar("string"), Scalar("integer" | "number" | "boolean"):
            return rules.not_written(wanted, given)
        case _, Record(fields) if fields:
            return rules.object_not_taken(wanted, given, fields)
    return rules.type_not_taken(wanted, given)


def _depth(wanted: Type, given: Type) -> int:
    """How many lists are around what is wanted; 0 when that is not inside at all."""
    depth = 0
    while isinstance(given, ListOf):
        given, depth = given.item, depth + 1
    return depth if fits(wanted, given) else 0
