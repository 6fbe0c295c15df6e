"""What a result says of its own failure: that a content filter stopped it, or that nothing was made.

Both are the provider's own word about the request. A picture that a flag marks as forbidden is usually black,
so no other model should be paid to work on it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.nodes.http import lenient
from callsheet.nodes.queue.failure import printable
from callsheet.nodes.queue.protocol import ModelFailed
from callsheet.nodes.queue.result import field, unwrapped
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, ListOf, Maybe, Type, media_in

FLAGS: Final = (
    "has_nsfw_concepts",
    "has_nsfw_concept",
    "nsfw_content_detected",
    "nsfw_detected",
    "is_nsfw",
    "nsfw",
)
CHECKER: Final = "enable_safety_checker"
YES: Final = (True, "true", "True")


def is_checked(spec: NodeSpec, body: str) -> bool:
    """Whether a content filter looks at what comes of a request: the model has one, and nobody turned it off.

    body: the JSON that was sent.
    """
    return CHECKER in spec.inputs and _parameters(body).get(CHECKER) is not False


def flagged(spec: NodeSpec, raw: str, body: str) -> frozenset[str]:
    """The places ("images[0]") of the media that a content filter stopped.

    raw: the result, body: the request; a filter that was turned off there says nothing.
    """
    if _parameters(body).get(CHECKER) is False:
        return frozenset()
    fields = _fields(spec, raw)
    flags = [fields[name] for name in FLAGS if name in fields]
    media = {name: t for name, t in spec.outputs.items() if any(media_in(t))}
    return frozenset(
        place
        for name, t in media.items()
        for i, place, value in _media(name, t, field(fields, name, t))
        if value not in (NOTHING, None)
        if any(_says_yes(flag, i) for flag in flags) or _own_flag(value)
    )


def nothing_made(spec: NodeSpec, raw: str, name: str, request_id: str) -> ModelFailed | None:
    """The failure of a model that was asked for a list of media and gives an empty one."""
    t = spec.outputs.get(name)
    if t is None or not any(media_in(t)) or not _is_list(t) or field(_fields(spec, raw), name, t) != []:
        return None
    return ModelFailed(
        f"the model made nothing: {name} is empty (request {request_id})", "failed", "run it again"
    )


def stopped(request_id: str) -> ModelFailed:
    """The failure when all that was made was stopped by a content filter."""
    message = f"the provider's content filter stopped what was made (request {request_id})"
    return ModelFailed(message, "rejected", "change the prompt or the media")


def names(raw: str) -> list[str]:
    """The names of what is in a result, at most ten of them, as they may be shown."""
    try:
        found = unwrapped(lenient.value_of(raw), {})
    except (ValueError, RecursionError):
        return []
    return [printable(name)[:60] for name in sorted(found)[:10]]


def _fields(spec: NodeSpec, raw: str) -> Mapping[str, object]:
    try:
        return unwrapped(lenient.value_of(raw), spec.outputs)
    except (ValueError, RecursionError):
        return {}


def _is_list(t: Type | None) -> bool:
    return _is_list(t.inner) if isinstance(t, Maybe) else isinstance(t, ListOf)


def _media(name: str, t: Type, value: object) -> Iterator[tuple[int, str, object]]:
    """(number, place, value) of each media value of an output."""
    if not _is_list(t):
        yield 0, name, value
        return
    for i, one in enumerate(value if isinstance(value, list) else [value]):
        yield i, f"{name}[{i}]", one


def _says_yes(flag: object, number: int) -> bool:
    """Whether a flag means the media with this number: a list has one for each, or one for all."""
    if not isinstance(flag, list):
        return flag in YES
    if len(flag) == 1:
        return flag[0] in YES
    return number < len(flag) and flag[number] in YES


def _own_flag(media: object) -> bool:
    return isinstance(media, Mapping) and any(media.get(name) in YES for name in FLAGS)


def _parameters(body: str) -> Mapping[str, object]:
    try:
        asked = json.loads(body)
    except ValueError:
        return {}
    return asked if isinstance(asked, Mapping) else {}
