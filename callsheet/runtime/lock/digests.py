"""Outputs by their digests: enough to know them again, and nothing of what is in them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from callsheet.runtime import keys
from callsheet.spec.media import Artifact


def pins(outputs: Mapping[str, object]) -> dict[str, str]:
    """Place → sha256, hex: of each media file under its place ("images[0]"), and of what else an output holds
    under the output's name."""
    found: dict[str, str] = {}
    for name, value in outputs.items():
        if isinstance(value, Artifact):
            found[name] = value.digest
            continue
        media = dict(_media(name, value))
        found.update(media)
        if not media or _has_more(value):
            found[name] = keys.digest(_told_apart(value))
    return found


def _media(place: str, value: object) -> Iterator[tuple[str, str]]:
    match value:
        case Artifact():
            yield place, value.digest
        case Mapping():
            for name, v in value.items():
                yield from _media(f"{place}.{name}", v)
        case list() | tuple():
            for i, v in enumerate(value):
                yield from _media(f"{place}[{i}]", v)


def _has_more(value: object) -> bool:
    match value:
        case Artifact():
            return False
        case Mapping():
            return any(map(_has_more, value.values()))
        case list() | tuple():
            return any(map(_has_more, value))
    return True


def _told_apart(value: object) -> object:
    """As JSON in which no text can pass for media."""
    match value:
        case Artifact():
            return {"media": [value.kind, value.digest]}
        case Mapping():
            return {"object": {str(name): _told_apart(v) for name, v in value.items()}}
        case list() | tuple():
            return [_told_apart(v) for v in value]
    return value
