"""What the replies about an accepted request mean: where it is, what came of it, or why not.

Only the provider's own word about the request is a failure (`ModelFailed`). Everything else leaves it paid
and to be fetched: *passing* says nothing about the request itself (a gateway's 502, a key that is not
accepted today), *gone* is a 404 or 410, and what is neither is a reply that cannot be used.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final

from callsheet.errors import Kind
from callsheet.nodes.http import lenient
from callsheet.nodes.http.body import BodyError, retry_after
from callsheet.nodes.http.message import Reply
from callsheet.nodes.queue import raw_media
from callsheet.nodes.queue.failure import Failure, failure_in, failure_of, printable
from callsheet.nodes.queue.protocol import ModelFailed, QueueError, QueueResult, State, Status
from callsheet.spec.plural import plural

WORDS: Final[Mapping[State, tuple[str, ...]]] = {
    "queued": ("IN_QUEUE", "QUEUED", "PENDING", "WAITING", "STARTING", "CREATED"),
    "running": ("IN_PROGRESS", "RUNNING", "PROCESSING"),
    "completed": ("COMPLETED", "SUCCEEDED", "SUCCESS", "DONE", "FINISHED"),
    "failed": ("FAILED", "FAILURE", "ERROR", "CANCELLED", "CANCELED", "ABORTED"),
}
"""fal's own words come first; the others are those of queues that are like it."""
STATES: Final = {word: state for state, words in WORDS.items() for word in words}
GONE: Final = (404, 410)
KEY_TROUBLE: Final = (401, 402, 403)
UNSAID: Final = (*KEY_TROUBLE, *GONE, 408, 409, 425, 429)
"""Statuses that never say that a model failed, whatever stands in the body."""
NOT_YET: Final = (202, 204, 205)
OF_STATUS: Final = {
    "status",
    "request_id",
    "gateway_request_id",
    "response_url",
    "status_url",
    "cancel_url",
    "queue_position",
    "logs",
    "metrics",
    "error",
    "error_type",
    "detail",
}
"""The fields of a status."""
OVER_ALREADY: Final = (400, 404, 409)
LOGS: Final = 20


def status_in(reply: Reply, request_id: str) -> Status:
    """Where the request is. Raises QueueError."""
    if not 200 <= reply.status < 300:
        raise error_in(reply, request_id)
    body = _object(reply, f"the status of {request_id}")
    if not _is_ours(reply, request_id) or body.get("request_id", request_id) != request_id:
        raise _of_another(reply, body, request_id, passing=True)
    word = str(body.get("status") or "").strip().upper()
    state = STATES.get(word)
    if state is None:
        return Status("running", None, _logs(body), word=printable(word)[:60] or "no status")
    failure = _said(body, state) if state in ("completed", "failed") else ""
    return Status(state, _position(body), _logs(body), failure)


def result_in(reply: Reply, request_id: str) -> QueueResult:
    """The result of the request. Raises QueueError; ModelFailed where the provider says that it failed."""
    if not 200 <= reply.status < 300 or reply.status in NOT_YET:
        raise _no_result(reply, request_id)
    if (medium := raw_media.result_in(reply)) is not None:
        return QueueResult(medium, _number(reply.headers.get("x-fal-billable-units")))
    try:
        text, value = lenient.read(reply)
    except BodyError as flaw:
        raise _unreadable(reply, str(flaw), request_id) from None
    if not _is_ours(reply, request_id):
        raise _of_another(reply, value, request_id)
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict | str):
        raise _unreadable(reply, "is JSON, but not an object", request_id)
    if isinstance(value, dict):
        _check_failure(value, request_id)
    units = _number(reply.headers.get("x-fal-billable-units"))
    return QueueResult(text, units, printable(reply.headers.get("x-fal-served-from", "")))


def check_cancelled(reply: Reply, request_id: str) -> None:
    """Raises QueueError unless the request is, or soon will be, no longer worked on. What is completed cannot
    be cancelled any more: it is paid, and can be fetched."""
    if b"ALREADY_COMPLETED" in reply.body:
        raise QueueError(
            f"request {request_id} is completed already", "local", "`callsheet resume` fetches it"
        )
    if not (reply.status < 300 or reply.status in OVER_ALREADY):
        raise error_in(reply, request_id)


def error_in(reply: Reply, request_id: str) -> QueueError:
    """The error for a reply that says nothing of the request, or that it is `gone` (not known there)."""
    said = failure_in(reply)
    words = f": {said.words}" if said.words else ""
    if reply.status in GONE:
        return QueueError(
            f"the provider does not find request {request_id} ({reply.status}){words}",
            "unavailable",
            "look for it in the provider's history; results are kept for about an hour",
            gone=True,
        )
    if reply.status in KEY_TROUBLE:
        message = f"the key was not accepted for request {request_id}{words}"
        return QueueError(message, "rejected", "check the key, then resume", passing=True)
    wait = retry_after(reply.headers.get("retry-after"))
    message = f"the provider answered {reply.status} about request {request_id}{words}"
    return QueueError(message, "unavailable", passing=True, retry_after=wait)


def model_failure(said: Failure, status: int, request_id: str) -> ModelFailed:
    """The error for what the provider says of a request that failed."""
    words = said.words or f"status {status}"
    if said.is_refusal:
        message = f"the provider refuses this content: {words} (request {request_id})"
        return ModelFailed(message, "rejected", "change the prompt or the media", certain=said.certain)
    kind: Kind = said.kind or ("rejected" if status < 500 else "failed")
    next_step = "compare the parameters with the model's page" if kind == "rejected" else "run it again"
    message = f"the model failed: {words} (request {request_id})"
    return ModelFailed(message, kind, next_step, certain=said.certain)


def _no_result(reply: Reply, request_id: str) -> QueueError:
    said = failure_in(reply)
    if reply.status in UNSAID or not 400 <= reply.status < 600 or not said.about_request:
        return error_in(reply, request_id)
    if not _is_ours(reply, request_id):
        return _of_another(reply, {}, request_id)
    if reply.status == 499:
        message = f"request {request_id} was cancelled"
        return ModelFailed(message, "failed", "run it again", certain=said.certain)
    return model_failure(said, reply.status, request_id)


def _unreadable(reply: Reply, flaw: str, request_id: str) -> QueueError:
    """A run gives up when the same unreadable result comes again and again. Results of one content type with
    one flaw count as the same; cut ones, where they end at the same byte, too."""
    if reply.cut and not reply.body:
        return QueueError(f"the result of {request_id} {flaw}", "unavailable", passing=True)
    kind = printable(reply.headers.get("content-type", "")).partition(";")[0][:60] or "no content type"
    size = plural(len(reply.body), "byte")
    alike = f"{kind} {flaw} {size if reply.cut else ''}"
    return QueueError(f"result unreadable ({kind}, {size}): it {flaw}", "unavailable", alike=alike)


def _object(reply: Reply, what: str) -> Mapping[str, object]:
    try:
        _, value = lenient.read(reply)
    except BodyError as flaw:
        raise QueueError(f"{what} {flaw}", "unavailable", passing=reply.cut) from None
    if not isinstance(value, dict):
        raise QueueError(f"{what} is JSON, but not an object", "unavailable")
    return value


def _is_ours(reply: Reply, request_id: str) -> bool:
    """Whether an answer is about this request, as far as its header tells."""
    return reply.headers.get("x-fal-request-id", "").strip() in ("", request_id)


def _of_another(reply: Reply, body: object, request_id: str, passing: bool = False) -> QueueError:
    inside = body.get("request_id") if isinstance(body, dict) else ""
    named = printable(str(reply.headers.get("x-fal-request-id") or inside))[:60]
    message = f"what came for {request_id} is of request {named}"
    return QueueError(message, "unavailable", passing=passing)


def _check_failure(body: Mapping[str, object], request_id: str) -> None:
    """Raises ModelFailed for a failure that comes with a good status in place of a result."""
    said = failure_of(body)
    is_status = body.keys() <= OF_STATUS and STATES.get(str(body.get("status")).upper()) == "failed"
    if said.certain or (is_status and said.words):
        raise model_failure(said, 200, request_id)


def _said(body: Mapping[str, object], state: State) -> str:
    """What COMPLETED or FAILED says beside the status when the model failed."""
    parts = {name: body[name] for name in ("error", "error_type", "detail") if body.get(name)}
    said = failure_of(body if state == "failed" else parts)
    return said.words or ", ".join(said.types)


def _position(body: Mapping[str, object]) -> int | None:
    found = body.get("queue_position")
    return found if isinstance(found, int) and not isinstance(found, bool) and found >= 0 else None


def _logs(body: Mapping[str, object]) -> tuple[str, ...]:
    logs = body.get("logs")
    lines = logs[-LOGS:] if isinstance(logs, list) else []
    return tuple(
        printable(str(line["message"])) for line in lines if isinstance(line, dict) and "message" in line
    )


def _number(text: str | None) -> float | None:
    try:
        number = float(text or "")
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None
