"""A provider's raw result, read as what the spec of its endpoint promises."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from callsheet.dsl.types import ListOf, Maybe, Media, OneOf, Record, Type
from callsheet.errors import NodeError

Visit = Callable[[str, Media, str], object]
"""Takes the place, the type and the URL of a media file; what it returns stands in its place."""


def read(outputs: Mapping[str, Type], raw: str, visit: Visit) -> dict[str, object]:
    """The promised fields of `raw` (JSON), each media file replaced by what `visit` makes of it.

    Raises NodeError (*failed*) when it is no JSON object, or a file has no URL.
    """
    try:
        result = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise NodeError("the result is not JSON that can be read", "failed", "run it again") from error
    if not isinstance(result, dict):
        raise NodeError("the result is not a JSON object", "failed", "run it again")
    return {name: _read(name, t, result[name], visit) for name, t in outputs.items() if name in result}


def _read(place: str, t: Type, value: object, visit: Visit) -> object:
    match t:
        case Media():
            return visit(place, t, _url(place, value))
        case Maybe(inner):
            return None if value is None else _read(place, inner, value, visit)
        case ListOf(item) if isinstance(value, list):
            return [_read(f"{place}[{i}]", item, v, visit) for i, v in enumerate(value)]
        case Record(fields) if isinstance(value, dict):
            known = {
                n: _read(f"{place}.{n}", f.type, value[n], visit) for n, f in fields.items() if n in value
            }
            return {**value, **known}
        case OneOf(options):
            return _first(place, options, value, visit)
    return value


def _first(place: str, options: tuple[Type, ...], value: object, visit: Visit) -> object:
    for option in options:
        try:
            return _read(place, option, value, visit)
        except NodeError:
            continue
    return value


def _url(place: str, value: object) -> str:
    """fal writes a file as an object with `url`, a few endpoints as the URL alone."""
    url = value.get("url") if isinstance(value, dict) else value
    if not isinstance(url, str) or not url:
        raise NodeError(f"the output {place} came without a file", "failed", "run it again")
    return url
