"""From a raw result to a node's outputs: values as they came, media as what is still to be fetched.

A result was paid for, so all that can be understood is read: other shapes of media, an envelope around all of
it. What cannot be understood becomes `Unfit`, with the reason.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Final

from callsheet.nodes.http import data_uri as datauri
from callsheet.nodes.http import lenient
from callsheet.nodes.http.mend import mended
from callsheet.nodes.queue.protocol import Remote
from callsheet.spec.receive import Unfit
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
from callsheet.spec.values import leaves
from callsheet.spec.web_origin import Origin, UrlError, public_origin

URLS: Final = ("url", "uri", "href", "file_url", "download_url", "signed_url")
"""Fields of a media object that hold its URL."""
ENVELOPES: Final = (
    "response",
    "result",
    "results",
    "data",
    "output",
    "outputs",
    "payload",
    "body",
    "value",
    "json_output",
    "prediction",
    "predictions",
)
"""Fields in which a result may be wrapped."""
DEPTH: Final = 4


def outputs(raw: str, expected: Mapping[str, Type], trusted: Collection[Origin] = ()) -> dict[str, object]:
    """Output name → value, `Remote` where media is and `Unfit` where it should be.

    Fields that are no output, and outputs that did not come, are left out. Raises BodyError, ValueError or
    RecursionError for a text that is no JSON.
    """
    fields = unwrapped(lenient.value_of(raw), expected)
    values = {name: _read(t, field(fields, name, t), trusted) for name, t in expected.items()}
    return {name: value for name, value in values.items() if value is not NOTHING}


def unwrapped(result: object, expected: Mapping[str, Type]) -> Mapping[str, object]:
    """The fields of a result; where an expected output is missing, with those of its envelopes."""
    found = list(_objects(result, DEPTH))
    if not found or all(_is_there(found[0], name, t) for name, t in expected.items()):
        return found[0] if found else {}
    fields: dict[str, object] = {}
    for part in found:
        fields.update({n: v for n, v in part.items() if fields.get(n) is None})
    return fields


def _is_there(fields: Mapping[str, object], name: str, t: Type) -> bool:
    return isinstance(t, Maybe) or field(fields, name, t) not in (NOTHING, None)


def field(fields: Mapping[str, object], name: str, t: Type) -> object:
    """An output among the fields of a result; media may have the plural, singular or `_url` name."""
    value = fields.get(name, NOTHING)
    if value not in (NOTHING, None) or not any(media_in(t)):
        return value
    others = (f"{name}s", name.removesuffix("s"), f"{name}_url", f"{name.removesuffix('s')}_urls")
    return next((fields[other] for other in others if fields.get(other)), value)


def _objects(value: object, depth: int) -> Iterator[Mapping[str, object]]:
    """The objects that may be the result, the outermost first."""
    if isinstance(value, str) and value.lstrip().startswith(("{", "[")):
        try:
            value = lenient.value_of(value.strip())
        except (ValueError, RecursionError):
            return
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, Mapping):
        return
    yield value
    inside = [value[name] for name in ENVELOPES if name in value]
    inside = inside or (list(value.values()) if len(value) == 1 else [])
    for inner in inside if depth else ():
        yield from _objects(inner, depth - 1)


def _read(t: Type, value: object, trusted: Collection[Origin]) -> object:
    match t:
        case _ if value is NOTHING or value is None or not any(media_in(t)):
            return value
        case Maybe(inner):
            return _read(inner, value, trusted)
        case Media(kind):
            return _media(kind, value, trusted)
        case ListOf(item):
            elements = value if isinstance(value, list) else [value]
            return [_read(item, element, trusted) for element in elements]
        case Record(fields) if isinstance(value, Mapping):
            return _record(fields, value, trusted)
        case OneOf(options):
            return _first(options, value, trusted)
    return value


def _media(kind: MediaKind, value: object, trusted: Collection[Origin]) -> object:
    """`{"url": …}`, or the bare URL, or a list with one of them. What a result says of the kind counts for
    nothing: the bytes will tell."""
    if isinstance(value, list) and value:
        return _media(kind, value[0], trusted)
    url = _url(value)
    if not url:
        return Unfit(f"should be {kind}, but has no URL")
    try:
        if url[:5].lower() == "data:":
            datauri.content_type(url)
            return Remote(kind, url)
        return Remote(kind, _usable(url, trusted))
    except (UrlError, datauri.DataUriError) as flaw:
        return Unfit(f"is not fetched from its URL: {flaw}")


def _url(value: object) -> str:
    if not isinstance(value, Mapping):
        return value if isinstance(value, str) else ""
    named = [value[name] for name in URLS if value.get(name)]
    others = [v for v in value.values() if isinstance(v, str) and v.startswith(("https://", "data:"))]
    found = named[:1] or (others if len(others) == 1 else [])
    return found[0] if found and isinstance(found[0], str) else ""


def _usable(url: str, trusted: Collection[Origin]) -> str:
    """The URL as it is sent. Raises UrlError."""
    try:
        public_origin(url, trusted)
    except UrlError:
        url = mended(url)
        public_origin(url, trusted)
    return url


def _record(
    fields: Mapping[str, Field], value: Mapping[str, object], trusted: Collection[Origin]
) -> dict[str, object]:
    """The record as it came, the media in its fields read."""
    read = {name: _read(field.type, value[name], trusted) for name, field in fields.items() if name in value}
    return {**value, **read}


def _first(options: tuple[Type, ...], value: object, trusted: Collection[Origin]) -> object:
    """As the first option that media can be read by, or else as it came."""
    media_first = sorted(options, key=lambda option: not any(media_in(option)))
    for option in media_first if isinstance(value, Mapping) else options:
        read = _read(option, value, trusted)
        if not any(leaves(read, Unfit)):
            return read
    return value
