"""What fal says when something went wrong, in its two shapes.

A model's error:      {"detail": [{"loc": ["body", "prompt"], "msg": "…", "type": "…"}, …]}
Everything else:      {"detail": "…", "error_type": "…"}, the type in the header X-Fal-Error-Type as well

Hugging Face's router says {"error": "…"} or {"error": {"message": "…"}}.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from callsheet.errors import Kind
from callsheet.nodes.http import lenient
from callsheet.nodes.http.body import BodyError
from callsheet.nodes.http.message import Reply
from callsheet.nodes.redact import hide_credentials

LONGEST: Final = 500
MOST: Final = 5
UNPRINTABLE: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]+")

KIND_OF_TYPE: Final[Mapping[str, Kind]] = {
    "internal_server_error": "failed",
    "generation_timeout": "failed",
    "downstream_service_error": "failed",
    "no_media_generated": "failed",
    "internal_error": "failed",
    "runner_server_error": "failed",
    "client_cancelled": "failed",
    "client_disconnected": "failed",
    "downstream_service_unavailable": "unavailable",
    "concurrent_requests_limit": "unavailable",
    "request_timeout": "unavailable",
    "startup_timeout": "unavailable",
    "runner_scheduling_failure": "unavailable",
    "runner_connection_timeout": "unavailable",
    "runner_disconnected": "unavailable",
    "runner_connection_refused": "unavailable",
    "runner_connection_error": "unavailable",
    "runner_incomplete_response": "unavailable",
}


@dataclass(frozen=True, slots=True)
class Failure:
    """words: the provider's own, short and printable. types: its codes. about_request: whether it speaks
    of the request itself, as a model and fal's runners do; a gateway in front of them does not. certain:
    whether it has the form of a model's own error, which nothing else in between has."""

    words: str
    types: tuple[str, ...] = ()
    about_request: bool = False
    certain: bool = False

    @property
    def kind(self) -> Kind | None:
        """What the codes mean, where they are known."""
        return next((KIND_OF_TYPE[t] for t in self.types if t in KIND_OF_TYPE), None)

    @property
    def is_refusal(self) -> bool:
        return "content_policy_violation" in self.types


def failure_in(reply: Reply) -> Failure:
    """What the body of an error reply says."""
    try:
        _, body = lenient.read(reply)
    except BodyError as flaw:
        return Failure(f"the reply {flaw}")
    said = failure_of(body if isinstance(body, dict) else {}, reply.headers.get("x-fal-error-type", ""))
    from_fal = reply.status == 500 and "x-fal-request-id" in reply.headers
    about = said.about_request or (bool(said.words) and (from_fal or reply.status == 422))
    return replace(said, about_request=about)


def failure_of(body: Mapping[str, object], code: str = "") -> Failure:
    """What an error says as JSON. code: from a header, where the body has none."""
    detail = body.get("detail", body.get("error", body.get("message", "")))
    named = body.get("error_type") or code
    codes = (named,) if isinstance(named, str) and named else ()
    if isinstance(detail, Mapping):
        detail = detail.get("message", "")
    if isinstance(detail, list):
        items = [item for item in detail if isinstance(item, Mapping)]
        words = "; ".join(_one(item) for item in items[:MOST])
        certain = any({"msg", "type"} <= item.keys() for item in items)
        return Failure(printable(words), (*_types(items), *codes), bool(items), certain)
    words = detail if isinstance(detail, str) else str(detail or "")
    return Failure(printable(words), codes, bool(codes))


def printable(text: str) -> str:
    """A provider's words as they may be shown: one line, at most 500 characters, no credentials."""
    line = hide_credentials(UNPRINTABLE.sub(" ", text[: 4 * LONGEST])).strip()
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}…"


def _types(items: list[Mapping[str, object]]) -> Iterator[str]:
    return (t for item in items if isinstance(t := item.get("type"), str))


def _one(item: Mapping[str, object]) -> str:
    loc = item.get("loc")
    place = ".".join(str(p) for p in loc if p != "body") if isinstance(loc, list) else ""
    words = ": ".join(part for part in (place, str(item.get("msg", ""))) if part)
    return f"{words} ({item['type']})" if isinstance(item.get("type"), str) else words
