"""From a raw result to a node's outputs: values as they came, media as what is still to be fetched."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from typing import Final

from callsheet.nodes.http import data_uri as datauri
from callsheet.nodes.queue.failure import printable
from callsheet.nodes.queue.protocol import QueueError, Remote
from callsheet.spec.types import (
    NOTHING,
    Field,
    ListOf,
    Maybe,
    Media,
    MediaKind,
    OneOf,
    Record,
    Type,
    media_in,
)
from callsheet.spec.web_origin import Origin, UrlError, public_origin

KINDS: Final = ("image", "video", "audio")


def outputs(
    raw: str, promised: Mapping[str, Type], request_id: str, trusted: Collection[Origin] = ()
) -> dict[str, object]:
    """Output name → value, `Remote` where media is; what was not promised is left out.

    Raises QueueError (*failed*, naming the request) for a missing field, another kind of media, or a URL
    that is not used.
    """
    result = json.loads(raw)
    fields = result if isinstance(result, Mapping) else {}
    try:
        values = {name: _read(name, t, fields.get(name, NOTHING), trusted) for name, t in promised.items()}
    except _Wrong as wrong:
        came = ", ".join(sorted(fields)[:10]) or "nothing"
        message = f"{printable(f'{wrong}; what came: {came}')} (request {request_id})"
        raise QueueError(message, "failed", "the result is kept; report it to the provider") from None
    return {name: value for name, value in values.items() if value is not NOTHING}


class _Wrong(Exception):
    """A result is not as promised; the message says where."""


def _read(place: str, t: Type, value: object, trusted: Collection[Origin]) -> object:
    match t:
        case Maybe(inner):
            return NOTHING if value is NOTHING or value is None else _read(place, inner, value, trusted)
        case _ if value is NOTHING:
            raise _Wrong(f"the promised output {place} is missing")
        case Media(kind):
            return _media(place, kind, value, trusted)
        case ListOf(item) if isinstance(value, list):
            return [_read(f"{place}[{i}]", item, v, trusted) for i, v in enumerate(value)]
        case Record(fields) if isinstance(value, Mapping) and any(media_in(t)):
            return _record(place, fields, value, trusted)
        case OneOf(options):
            return _first(place, options, value, trusted)
    return value


def _media(place: str, kind: MediaKind, value: object, trusted: Collection[Origin]) -> Remote:
    """`{"url": …, "content_type": …}`, or the bare URL."""
    url = value.get("url") if isinstance(value, Mapping) else value
    if not isinstance(url, str) or not url:
        raise _Wrong(f"the output {place} should be {kind}, but has no URL")
    try:
        stated = datauri.content_type(url) if url.startswith("data:") else _content_type(value)
        if not url.startswith("data:"):
            public_origin(url, trusted)
    except (UrlError, datauri.DataUriError) as flaw:
        raise _Wrong(f"the URL of the output {place} is not used: {flaw}") from None
    came = stated.partition("/")[0].lower()
    if kind in KINDS and came in (*KINDS, "text") and came != kind:
        raise _Wrong(f"the output {place} should be {kind}, but is said to be {stated[:50]}")
    return Remote(kind, url)


def _content_type(value: object) -> str:
    stated = value.get("content_type") if isinstance(value, Mapping) else ""
    return stated if isinstance(stated, str) else ""


def _record(
    place: str, fields: Mapping[str, Field], value: Mapping[str, object], trusted: Collection[Origin]
) -> dict[str, object]:
    """The record as it came, the media in its fields read."""
    read = dict(value)
    for name, field in fields.items():
        if name in value or field.required:
            read[name] = _read(f"{place}.{name}", field.type, value.get(name, NOTHING), trusted)
    return read


def _first(place: str, options: tuple[Type, ...], value: object, trusted: Collection[Origin]) -> object:
    wrong = _Wrong(f"the output {place} is none of what was promised")
    for option in options:
        try:
            return _read(place, option, value, trusted)
        except _Wrong as error:
            wrong = error
    raise wrong
