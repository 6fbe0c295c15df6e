"""A type where another is taken, in words."""

from __future__ import annotations

from callsheet.dsl.expression.filter_types import plain
from callsheet.spec.conform import Problem, a_type, fits, media_problem
from callsheet.spec.types import STRING, Choice, ListOf, Media, OneOf, Record, Type


def mismatch(wanted: Type, given: Type, known: bool) -> Problem:
    """Why `given` does not fit `wanted`, and what would."""
    given = plain(given)
    match wanted, given:
        case Media(kind), Media(other):
            return media_problem(kind, other)
        case Media(), _ if given == STRING and not known:
            return Problem(
                "media-kind",
                (),
                f"text where {a_type(wanted)} is taken",
                "text that a model writes is never used as a URL or a path",
            )
        case ListOf(item), ListOf(ListOf()) if _depth(item, given) > 1:
            return _problem(wanted, given, 'take one of each: `| map("first")`')
        case ListOf(item), ListOf(other) if not fits(item, other, known):
            inner = mismatch(item, other, known)
            return Problem(inner.code, (), f"the elements: {inner.message}", inner.help)
        case ListOf(item), _ if not isinstance(given, ListOf) and fits(item, given):
            return _problem(wanted, given, "put it in a list: `[${{ … }}]`")
        case _, ListOf() if (depth := _depth(wanted, given)) > 0:
            hint = f"pick one element with `{'[0]' * depth}`, or put this node on the same axis with `each`"
            return _problem(wanted, given, hint)
        case OneOf(options), _:
            return _problem(wanted, given, "it takes " + " or ".join(a_type(option) for option in options))
        case Choice(values), _ if isinstance(values[0], str) and given != STRING:
            return _problem(wanted, given, f'turn it into text with `~`: `${{{{ x ~ "{_unit(values)}" }}}}`')
        case _, Record(fields) if fields:
            return _problem(wanted, given, f"pick a field: {', '.join(fields)}")
    return _problem(wanted, given, "")


def _problem(wanted: Type, given: Type, help: str) -> Problem:
    code = "media-kind" if isinstance(wanted, Media) and isinstance(given, Media) else "parameter-type"
    return Problem(code, (), f"{a_type(given)} where {a_type(wanted)} is taken", help)


def _depth(wanted: Type, given: Type) -> int:
    """How many lists are around what is wanted; 0 when that is not inside at all."""
    depth = 0
    while isinstance(given, ListOf):
        given, depth = given.item, depth + 1
    return depth if fits(wanted, given) else 0


def _unit(values: tuple[str | int | float, ...]) -> str:
    return "s" if all(str(v).endswith("s") for v in values) else ""
