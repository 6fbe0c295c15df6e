"""Whether what a pipeline uses of an instance came."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.runtime.graph.uses import Used
from callsheet.spec.types import NOTHING, Field, ListOf, Maybe, Record, Type, media_in
from callsheet.spec.values import Place, place_name


def needed(outputs: Mapping[str, Type], used: Used | None) -> Used:
    """The places that must be there. Where nothing is used, or nobody knows what is, the media is what
    counts, and where there is none, every output."""
    if used:
        return used
    always = {name: t for name, t in outputs.items() if not isinstance(t, Maybe)}
    media = [name for name, t in always.items() if any(media_in(t))]
    return frozenset((name,) for name in media or always)


def missing(outputs: Mapping[str, Type], came: Mapping[str, object], place: Place) -> str:
    """The first part of `place` that did not come though its type says that it always does; "" for none."""
    t: Type | None = Record({name: Field(t, required=True) for name, t in outputs.items()})
    value: object = came
    for depth, step in enumerate(place):
        t = _inside(t, step)
        if t is None or isinstance(t, Maybe):
            return ""
        match value, step:
            case Mapping(), str():
                value = value.get(step, NOTHING)
            case list(), int():
                value = value[step] if -len(value) <= step < len(value) else NOTHING
            case _:
                return ""
        if value is NOTHING or (value == [] and any(media_in(t))):
            return place_name(place[: depth + 1])
    return ""


def _inside(t: Type | None, step: str | int) -> Type | None:
    """The type of a part of a value of type `t`; None where it need not come."""
    match t, step:
        case ListOf(item), int():
            return item
        case Record(fields), str() if step in fields and fields[step].required:
            return fields[step].type
    return None
