"""Does a type, or a value, fit the place it is given to?"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.spec.media import Artifact, UrlOf
from callsheet.spec.node import Made
from callsheet.spec.rules import values as rules
from callsheet.spec.rules.rule import Path, Problem
from callsheet.spec.types import (
    NOTHING,
    Choice,
    Field,
    ListOf,
    Maybe,
    Media,
    MediaKind,
    OneOf,
    Record,
    Scalar,
    Type,
)
from callsheet.spec.values import Deferred, LocalFile, NotThere, Ref, SecretName

SCALARS: Final = {"string": str, "integer": int, "number": int | float, "boolean": bool}


def fits(wanted: Type, given: Type, known: bool = True) -> bool:
    """Whether a value of type `given` can be passed where `wanted` is taken.

    known: the value is known before the run, so that a text may still turn out to be a URL or a
    path; texts that models write never become media.
    """
    match wanted, given:
        case (_, Scalar("json")) | (Scalar("json"), _):
            return True
        case (Maybe(inner), _):
            return fits(inner, given, known)
        case (_, Maybe(inner)):
            return fits(wanted, inner, known)
        case (OneOf(options), _):
            return any(fits(option, given, known) for option in options)
        case (_, OneOf(options)):
            return any(fits(wanted, option, known) for option in options)
        case (Choice(values), Choice(others)):
            return bool(set(values) & set(others))
        case (Choice(values), Scalar(name)):
            return name == ("string" if isinstance(values[0], str) else "integer") or (
                name == "number" and not isinstance(values[0], str)
            )
        case (Scalar(name), Choice(values)):
            return all(_is_scalar(name, v) for v in values)
        case (Scalar("number"), Scalar("integer")):
            return True
        case (Scalar(), Scalar()):
            return wanted == given
        case (Media(kind), Media(other)):
            return kind == other or "file" in (kind, other)
        case (Media(), Scalar("string")):
            return known
        case (ListOf(item), ListOf(other_item)):
            return fits(item, other_item, known)
        case (Record(fields), Record(others)):
            return all(
                fits(f.type, others[name].type, known) if name in others else not f.required
                for name, f in fields.items()
            )
    return False


def problems(field: Field, value: object, path: Path = ()) -> Iterator[Problem]:
    """Everything that keeps `value` from being a value of `field`; unknown parts are passed over."""
    if isinstance(value, Ref | Deferred | NotThere):
        return
    found = list(_of_type(field.type, value, path))
    yield from found
    if not found:
        yield from _of_bounds(field, value, path)


def _of_type(wanted: Type, value: object, path: Path) -> Iterator[Problem]:
    match wanted:
        case _ if isinstance(value, Ref | Deferred | NotThere) or wanted == Scalar("json"):
            return
        case Maybe(inner):
            if value is not None:
                yield from _of_type(inner, value, path)
        case OneOf(options):
            yield from _of_options(options, value, path)
        case Choice():
            yield from _of_choice(wanted, value, path)
        case Scalar(name):
            if not _is_scalar(name, value) and not (
                name == "string" and isinstance(value, SecretName | UrlOf)
            ):
                yield rules.wrong_type(value, wanted).at(path)
        case Media(kind):
            yield from _of_media(kind, value, path)
        case ListOf(item):
            if not isinstance(value, list):
                yield rules.not_a_list(value).at(path)
                return
            for i, element in enumerate(value):
                yield from problems(Field(item), element, (*path, i))
        case Record():
            yield from _of_record(wanted, value, path)


def _of_options(options: tuple[Type, ...], value: object, path: Path) -> Iterator[Problem]:
    tries = [list(_of_type(option, value, path)) for option in options]
    if all(tries):
        deepest = max(tries, key=lambda found: max(len(p.path) for p in found))
        yield from deepest if any(p.path != path for p in deepest) else tries[_likeliest(options, value)]


def _likeliest(options: tuple[Type, ...], value: object) -> int:
    for i, option in enumerate(options):
        if isinstance(value, dict) == isinstance(option, Record) and isinstance(value, list) == isinstance(
            option, ListOf
        ):
            return i
    return 0


def _of_choice(wanted: Choice, value: object, path: Path) -> Iterator[Problem]:
    if value in wanted.values and not isinstance(value, bool) and isinstance(value, type(wanted.values[0])):
        return
    bad = rules.not_a_choice if isinstance(value, list | dict) else rules.bad_choice
    yield bad(value, wanted).at(path)


def _of_media(kind: MediaKind, value: object, path: Path) -> Iterator[Problem]:
    match value:
        case LocalFile(kind=other) | Artifact(kind=other):
            if kind != other and "file" not in (kind, other):
                yield rules.wrong_medium(kind, other).at(path)
        case str() if value.startswith(("https://", "http://", "data:")):
            return
        case str():
            yield rules.neither_url_nor_file(value).at(path)
        case _:
            yield rules.not_a_medium(value, kind).at(path)


def _of_record(wanted: Record, value: object, path: Path) -> Iterator[Problem]:
    if not isinstance(value, dict):
        yield rules.not_an_object(value, wanted.fields).at(path)
        return
    for name, part in value.items():
        if name in wanted.fields:
            yield from problems(wanted.fields[name], part, (*path, name))
        elif not wanted.open:
            yield rules.unknown_field(name, wanted.fields).at((*path, name))
    for name, f in wanted.fields.items():
        if f.required and (name not in value or isinstance(value[name], NotThere)):
            yield rules.missing_field(name, f.type).at(path)


def _of_bounds(field: Field, value: object, path: Path) -> Iterator[Problem]:
    if isinstance(value, int | float) and not isinstance(value, bool):
        if not _in_range(field, value):
            yield rules.out_of_range(value, field).at(path)
    elif isinstance(value, str):
        if field.max_length is not None and len(value) > field.max_length:
            yield rules.long_text(len(value), field.max_length).at(path)
        if field.min_length is not None and len(value) < field.min_length:
            yield rules.short_text(len(value), field.min_length).at(path)
    elif isinstance(value, list):
        if field.max_items is not None and len(value) > field.max_items:
            yield rules.long_list(len(value), field.max_items).at(path)
        if field.min_items is not None and len(value) < field.min_items:
            yield rules.short_list(len(value), field.min_items).at(path)


def _in_range(field: Field, value: float) -> bool:
    """Whether a number is within all bounds of `field`."""
    return (
        (field.minimum is None or value >= field.minimum)
        and (field.maximum is None or value <= field.maximum)
        and (field.min_exclusive is None or value > field.min_exclusive)
        and (field.max_exclusive is None or value < field.max_exclusive)
    )


def _is_scalar(name: str, value: object) -> bool:
    if name == "json":
        return True
    return isinstance(value, SCALARS[name]) and (name == "boolean" or not isinstance(value, bool))


Keep = Callable[[Made, str], object]
"""Keeps a file; the text is its place among the outputs ("images[0]"), to tell several apart."""


def delivered(outputs: Mapping[str, Type], made: Mapping[str, object], keep: Keep) -> dict[str, object]:
    """What was made, by output name, each media file kept; what is no output is left out.

    Raises NodeError (*failed*) for a required output that is missing or of another type.
    """
    values = {name: checked(name, t, made.get(name, NOTHING), keep) for name, t in outputs.items()}
    return {name: value for name, value in values.items() if value is not NOTHING}


def checked(place: str, t: Type, value: object, keep: Keep) -> object:
    """The value of an output, or of a part of one, with its media kept. Raises NodeError (*failed*)."""
    match t:
        case Maybe(inner):
            absent = value is NOTHING or value is None
            return NOTHING if absent else checked(place, inner, value, keep)
        case Media(kind) if isinstance(value, Made) and (kind in (value.kind, "file")):
            return keep(value, place)
        case ListOf(item) if isinstance(value, list | tuple):
            return [checked(f"{place}[{i}]", item, v, keep) for i, v in enumerate(value)]
        case Record() if isinstance(value, Mapping):
            return _record(place, t, value, keep)
        case OneOf(options):
            return _first_that_fits(place, options, value, keep)
        case Choice(values) if value in values:
            return value
        case Scalar(name) if _is(name, value):
            return value
    raise NodeError(_broken(place, t, value), "failed", "run it again")


def _record(place: str, t: Record, value: Mapping[str, object], keep: Keep) -> dict[str, object]:
    fields = {}
    for name, field in t.fields.items():
        if name in value or field.required:
            fields[name] = checked(f"{place}.{name}", field.type, value.get(name, NOTHING), keep)
    if t.open:
        fields.update({n: v for n, v in value.items() if n not in fields and _is("json", v)})
    return {name: v for name, v in fields.items() if v is not NOTHING}


def _first_that_fits(place: str, options: tuple[Type, ...], value: object, keep: Keep) -> object:
    for option in options:
        try:
            return checked(place, option, value, keep)
        except NodeError:
            continue
    raise NodeError(_broken(place, OneOf(options), value), "failed", "run it again")


def _is(name: str, value: object) -> bool:
    match name:
        case "string":
            return isinstance(value, str)
        case "boolean":
            return isinstance(value, bool)
        case "integer":
            return isinstance(value, int) and not isinstance(value, bool)
        case "number":
            return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return _is_json(value)


def _is_json(value: object) -> bool:
    match value:
        case None | bool() | str() | int():
            return True
        case float():
            return math.isfinite(value)
        case list() | tuple():
            return all(map(_is_json, value))
        case Mapping():
            return all(isinstance(k, str) and _is_json(v) for k, v in value.items())
    return False


def _broken(place: str, t: Type, value: object) -> str:
    if value is NOTHING:
        return f"the output {place} ({t}) was promised, but did not come"
    came = "null" if value is None else value.kind if isinstance(value, Made) else type(value).__name__
    return f"the output {place} should be {t}, but {came} came"
