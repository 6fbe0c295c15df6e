"""Results in forms that no document of the provider describes."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final

from callsheet.emulator.http.message import Reply
from callsheet.spec.values import map_leaves

Fields = dict[str, Any]


def odd_result(reply: Reply, how: str) -> Reply:
    """The result in the form `how`; as it is where it has none or is no object."""
    try:
        fields = json.loads(reply.body)
    except ValueError:
        return reply
    if not isinstance(fields, dict) or reply.status != 200:
        return reply
    if how == "other_id":
        headers = tuple(h for h in reply.headers if h[0].lower() != "x-fal-request-id")
        return replace(reply, headers=(*headers, ("x-fal-request-id", "00000000-another-request")))
    if how in BYTES:
        return replace(reply, body=BYTES[how](reply.body))
    if how not in FORMS:
        return reply
    return replace(reply, body=json.dumps(FORMS[how](fields)).encode())


def _with(value: object) -> Callable[[Fields], object]:
    """Every field that is no media is `value`."""
    return lambda fields: {n: v if _has_media(v) else value for n, v in fields.items()}


def _media(value: object) -> Callable[[Fields], object]:
    """Every field that has media is `value`."""
    return lambda fields: {n: value if _has_media(v) else v for n, v in fields.items()}


def _without(fields: Fields) -> object:
    return {n: v for n, v in fields.items() if _has_media(v)}


def _one_for_many(fields: Fields) -> object:
    """The only element of a list in its place; of what is no list, a list."""
    return {n: v[0] if isinstance(v, list) and v else [v] if _has_media(v) else v for n, v in fields.items()}


def _bare_urls(fields: Fields) -> object:
    """URLs in place of the objects that hold them."""

    def bare(value: Any) -> Any:
        if isinstance(value, list):
            return [bare(part) for part in value]
        return value["url"] if isinstance(value, dict) and "url" in value else value

    return {name: bare(value) for name, value in fields.items()}


def _raw_urls(fields: Fields) -> object:
    """URLs with characters that have to be quoted."""
    return map_leaves(fields, lambda v: f"{v}?as=été 1" if isinstance(v, str) and "://" in v else v)


def _has_media(value: object) -> bool:
    return isinstance(value, list) or (isinstance(value, dict) and "url" in value)


FORMS: Final[Mapping[str, Callable[[Fields], object]]] = {
    "no_field": _without,
    "null_field": _with(None),
    "odd_field": _with({"odd": True}),
    "nan": _with(float("nan")),
    "no_media": lambda fields: {n: v for n, v in fields.items() if not _has_media(v)},
    "null_media": _media(None),
    "empty_list": _media([]),
    "one_for_many": _one_for_many,
    "bare_urls": _bare_urls,
    "raw_urls": _raw_urls,
    "envelope": lambda fields: {"status": "COMPLETED", "response": fields},
    "list": lambda fields: [fields],
    "text": lambda fields: json.dumps(fields),
    "flagged": lambda fields: {**fields, "has_nsfw_concepts": [True]},
}
"""`how` → what the fields of the result become."""
BYTES: Final[Mapping[str, Callable[[bytes], bytes]]] = {
    "bom": lambda body: b"\xef\xbb\xbf" + body,
    "utf16": lambda body: body.decode().encode("utf-16"),
    "latin": lambda body: body[:-1] + b', "note": "\xe9"}',
    "doubled": lambda body: b'{"seed": 1, "seed": null, ' + body[1:],
    "guarded": lambda body: b")]}',\n" + body,
    "more": lambda body: body + b"\n{}",
}
"""`how` → what the bytes of the result become."""
