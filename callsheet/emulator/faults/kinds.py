"""The kinds of faults: their names, the call that each hits by default, and one line about each."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Literal

Place = Literal[
    "submit", "run", "status", "stream", "result", "cancel", "upload", "media",
    "listing", "pricing", "billing", "models", "account", "mapping", "keys",
]  # fmt: skip
"""The calls that a fault can hit; `media` is the download of a file, `mapping` Hugging Face's model
look-up."""

NUMBERED: Final = "http_NNN"
STATUS: Final = re.compile(r"http_([1-9]\d\d)\Z")


@dataclass(frozen=True, slots=True)
class Kind:
    """accepted: whether the request is accepted before the reply is broken, unless the fault says
    otherwise."""

    place: Place
    about: str
    accepted: bool = True


KINDS: Final[dict[str, Kind]] = {
    "reset": Kind("submit", "The connection is reset before the request is accepted.", accepted=False),
    "lost_reply": Kind("submit", "The request is accepted, then the connection is reset before the reply."),
    "slow_reply": Kind("submit", "The reply comes `seconds` late."),
    "slow_headers": Kind("submit", "The headers of the reply arrive slowly, over `seconds`."),
    "nginx_502": Kind("submit", "The gateway's 502 page instead of the reply."),
    "locked": Kind("submit", "403: the account is locked, its balance exhausted.", accepted=False),
    "invalid_json": Kind("submit", "200 with a body that is no JSON."),
    "empty": Kind("submit", "200 with an empty body."),
    "truncated_json": Kind("submit", "The JSON ends in the middle; the length is that of the part."),
    "wrong_type": Kind("submit", "200 with a JSON list where an object is expected."),
    "no_id": Kind("submit", "The reply lacks `request_id`."),
    "hostile_url": Kind("submit", "Every URL in the reply points to `url`."),
    "redirect": Kind("submit", "307 to another host (`url`).", accepted=False),
    "endless": Kind("submit", "A body without end."),
    "gzip_bomb": Kind("submit", "A small compressed body that decompresses to a gibibyte."),
    "clock_skew": Kind("submit", "From here on the provider's clock is wrong by `seconds`."),
    "content_policy": Kind("submit", "Accepted and completed; the result is 422 content_policy_violation."),
    "model_error": Kind("submit", "Accepted and completed; the result is 500."),
    "timeout": Kind("submit", "Accepted and completed; the result is 504 request_timeout."),
    "missing_output": Kind("submit", "Accepted; the result is an object without the output's fields."),
    "answer_words": Kind(
        "submit", "Accepted; a language model answers in words, not in the form that was asked for."
    ),
    "answer_misfit": Kind("submit", "Accepted; a language model answers with JSON of another form."),
    "answer_fenced": Kind("submit", "Accepted; a language model's JSON is in a fenced block between words."),
    "answer_empty": Kind("submit", "Accepted; a language model's answer is empty."),
    "answer_long": Kind("submit", "Accepted; a language model's answer has 1,500,000 characters."),
    "answer_cut": Kind("submit", "Accepted; a language model's answer ends in the middle."),
    "stuck": Kind("submit", "Accepted; the state stays IN_QUEUE for ever."),
    "backwards": Kind("status", "The state is IN_QUEUE again."),
    "unknown_status": Kind("status", "An undocumented state."),
    "gone": Kind("result", "404: the result is no longer kept."),
    "truncated": Kind("media", "The connection closes in the middle of the file."),
    "wrong_length": Kind("media", "Content-Length is larger than the file."),
    "html": Kind("media", "An HTML page with status 200."),
    "packed": Kind(
        "media",
        "Packed, though nobody asked; `how`: gzip, x-gzip, deflate, raw-deflate, br, unknown, not-packed,"
        " identity.",
    ),
    "part": Kind("media", "206 with half of the file; `how=whole`: 206 with all of it."),
    "other_medium": Kind("media", "A picture in place of a video, a sound in place of a picture."),
    "unmeasured": Kind("media", "No Content-Length; the end of the connection is the end of the file."),
    "odd_result": Kind(
        "result",
        "In another form; `how`: no_field, null_field, odd_field, nan, no_media, null_media, empty_list,"
        " one_for_many, bare_urls, raw_urls, envelope, list, text, flagged, bom, utf16, latin, doubled,"
        " guarded, more, other_id.",
    ),
    "list_loops": Kind("models", "The page says that the first page follows it."),
    "list_endless": Kind("models", "The page says that another one follows, always."),
    "list_cut": Kind("models", "The page says that more follow, and not where."),
    "list_lies": Kind("models", "The page names the next one, and says that there is none."),
    "broken_document": Kind("models", "The last OpenAPI document of the page describes nothing."),
    "large_document": Kind("models", "The first OpenAPI document of the page has 40 MB."),
    "price_zero": Kind("pricing", "Every list price is 0."),
    "price_nan": Kind("pricing", "Every list price is NaN, which is no JSON."),
    "price_huge": Kind("pricing", "Every list price is 1e308."),
    "price_currency": Kind("pricing", "Every list price is in EUR."),
    "price_of_another": Kind("pricing", "The list prices are those of endpoints that nobody asked for."),
    "bill_twice": Kind("billing", "Every billing event is listed twice."),
    "bill_of_another": Kind("billing", "The billing events are those of requests that nobody asked for."),
    "bill_tenfold": Kind("billing", "Every bill is ten times as high."),
    "bill_late": Kind("billing", "No billing event is listed yet."),
}


def default_place(kind: str) -> Place | None:
    """The call that a kind hits by default, or None when there is no such kind."""
    if kind in KINDS:
        return KINDS[kind].place
    return "submit" if STATUS.match(kind) else None


def accepted_first(kind: str) -> bool:
    """Whether a kind lets the request be accepted: a plain error status does not."""
    return KINDS[kind].accepted if kind in KINDS else False
