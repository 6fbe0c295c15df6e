"""Turns Python annotations into types of the language."""

from __future__ import annotations

import dataclasses
import types
from collections.abc import Iterator, Mapping, Sequence
from typing import (
    Annotated,
    Any,
    Final,
    Literal,
    NotRequired,
    Required,
    Union,
    get_args,
    get_origin,
    get_type_hints,
    is_typeddict,
)

from callsheet.plugin import Media
from callsheet.spec import wording
from callsheet.spec.types import (
    BOOLEAN,
    INTEGER,
    JSON,
    NOTHING,
    NUMBER,
    STRING,
    Choice,
    Field,
    ListOf,
    Maybe,
    OneOf,
    Record,
    Type,
)
from callsheet.spec.types import Media as MediaType

PLAIN: Final[Mapping[object, Type]] = {
    str: STRING,
    int: INTEGER,
    float: NUMBER,
    bool: BOOLEAN,
    Any: JSON,
    object: JSON,
    dict: JSON,
    list: ListOf(JSON),
}
LISTS: Final = (list, Sequence)
UNIONS: Final = (Union, types.UnionType)
BOUNDS: Final = ("ge", "gt", "le", "lt", "min_length", "max_length")
"""The attributes of notes that bound a value, by the names that annotated-types gives them."""
CHECKED: Final = "Ge, Gt, Le, Lt and Interval of a number, MinLen, MaxLen and Len of a text or a list"
NUMBERS: Final = {"ge": "minimum", "le": "maximum", "gt": "min_exclusive", "lt": "max_exclusive"}
WHOLE: Final = {"gt": ("minimum", 1), "lt": ("maximum", -1)}
"""Of whole numbers, more than 3 is 4 or more."""


class Unreadable(Exception):
    """An annotation without a matching type; the text names it."""


class Unchecked(Unreadable):
    """A note of an `Annotated` that nothing would check; the text names it."""


def read(annotation: object) -> Type:
    """The type of an annotation. Raises Unreadable."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if isinstance(annotation, type) and issubclass(annotation, Media):
        return MediaType(annotation.kind)
    if has_fields(annotation):
        return Record(dict(fields(annotation)))
    if origin is Annotated:
        for note, *_ in _bounds(arguments[1:]):
            raise Unchecked(f"{note!r} inside of a list or of `A | B`")
        return read(arguments[0])
    if origin in UNIONS:
        return _union(arguments)
    if origin is Literal:
        return _choice(arguments)
    if origin in LISTS:
        return ListOf(read(arguments[0]))
    if origin is tuple and len(arguments) == 2 and arguments[1] is Ellipsis:
        return ListOf(read(arguments[0]))
    if origin in (dict, Mapping):
        return JSON
    try:
        return PLAIN[annotation]
    except (KeyError, TypeError):
        raise Unreadable(_name(annotation)) from None


def read_field(annotation: object, default: object = NOTHING) -> Field:
    """A parameter or a field of an object; one that may be absent is not required. Raises Unreadable."""
    annotation, notes = _without_notes(annotation)
    t = read(annotation)
    limits = _limits(t, notes)
    default = list(default) if isinstance(default, tuple) else default
    if default is None and not isinstance(t, Maybe):
        t = Maybe(t)
    required = default is NOTHING and not isinstance(t, Maybe)
    return Field(t, required, NOTHING if default is None else default, **limits)


def has_fields(annotation: object) -> bool:
    """Whether values of this type are objects with named fields: dataclasses, TypedDicts, NamedTuples."""
    if not isinstance(annotation, type) or issubclass(annotation, Media):
        return False
    named_tuple = issubclass(annotation, tuple) and hasattr(annotation, "_fields")
    return dataclasses.is_dataclass(annotation) or is_typeddict(annotation) or named_tuple


def fields(annotation: Any) -> Iterator[tuple[str, Field]]:
    """The named fields of a type that `has_fields`. Raises Unreadable."""
    defaults = _defaults(annotation)
    needed = getattr(annotation, "__required_keys__", None)
    for name, hint in get_type_hints(annotation, include_extras=True).items():
        if get_origin(hint) in (Required, NotRequired):
            (hint,) = get_args(hint)
        found = read_field(hint, defaults.get(name, NOTHING))
        optional = needed is not None and name not in needed
        yield name, dataclasses.replace(found, required=False) if optional else found


def _defaults(annotation: Any) -> Mapping[str, object]:
    if not dataclasses.is_dataclass(annotation):
        return getattr(annotation, "_field_defaults", {})
    found: dict[str, object] = {}
    for field in dataclasses.fields(annotation):
        if field.default is not dataclasses.MISSING:
            found[field.name] = field.default
        elif field.default_factory is not dataclasses.MISSING:
            found[field.name] = field.default_factory()
    return found


def _union(arguments: tuple[object, ...]) -> Type:
    options = tuple(dict.fromkeys(read(a) for a in arguments if a is not types.NoneType))
    whole = options[0] if len(options) == 1 else OneOf(options)
    return Maybe(whole) if types.NoneType in arguments else whole


def _choice(values: tuple[object, ...]) -> Type:
    kinds = {type(v) for v in values}
    if kinds == {str} or kinds <= {int, float}:
        return Choice(values)  # type: ignore[arg-type]
    raise Unreadable(f"Literal{list(values)}: all texts or all numbers")


def _without_notes(annotation: object) -> tuple[object, tuple[object, ...]]:
    """The annotation of a parameter, and the notes of its `Annotated`; also of `Annotated[…] | None`."""
    arguments = get_args(annotation)
    if get_origin(annotation) is Annotated:
        return arguments[0], arguments[1:]
    if get_origin(annotation) in UNIONS:
        options = [a for a in arguments if a is not types.NoneType]
        if len(options) == 1 < len(arguments):
            inner, notes = _without_notes(options[0])
            return Union[inner, None], notes  # noqa: UP007  # of values, not of types that are written here
    return annotation, ()


def _limits(t: Type, notes: tuple[object, ...]) -> dict[str, Any]:
    """What `Annotated[float, Ge(0), Le(10)]` says, as limits of a field of type `t`.

    Of several that limit the same, the narrowest counts. Raises Unchecked for one that nothing would check.
    """
    found: dict[str, Any] = {}
    for note, bound, value in _bounds(notes):
        limit, value = _limit(t.inner if isinstance(t, Maybe) else t, bound, value)
        if not limit:
            raise Unchecked(f"{note!r} of {wording.a_type(t)}")
        narrower = max if limit.startswith("min") else min
        found[limit] = narrower(value, found.get(limit, value))
    return found


def _limit(t: Type, bound: str, value: Any) -> tuple[str, Any]:
    """The limit of a field that stands for a bound; "" for none."""
    if t == INTEGER and bound in WHOLE and value == int(value):
        limit, more = WHOLE[bound]
        return limit, value + more
    if t in (INTEGER, NUMBER):
        return NUMBERS.get(bound, ""), value
    if t == STRING and bound in ("min_length", "max_length"):
        return bound, value
    if isinstance(t, ListOf) and bound in ("min_length", "max_length"):
        return f"{bound[:3]}_items", value
    return "", value


def _bounds(notes: Sequence[object]) -> Iterator[tuple[object, str, Any]]:
    """Each bound in `notes`: the note, which bound it is, and its value. A length of 0 or more is none.

    Words beside a type bound nothing. Raises Unchecked for any other note.
    """
    for note in notes:
        if isinstance(note, str) or hasattr(note, "documentation"):
            continue
        bounds = [bound for bound in BOUNDS if getattr(note, bound, None) is not None]
        if not bounds:
            raise Unchecked(repr(note))
        for bound in bounds:
            value = getattr(note, bound)
            if (bound, value) != ("min_length", 0):
                yield note, bound, value


def _name(annotation: object) -> str:
    return annotation.__qualname__ if isinstance(annotation, type) else str(annotation)
