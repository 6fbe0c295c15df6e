"""What the replies to repeatable requests mean: where a request is, what came of it, or why not.

An error is *passing* when it says nothing about the request itself (a gateway's 502, a key that is not
accepted today): what was paid is still there, and asking again may bring it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Final, Literal

from callsheet.errors import Kind
from callsheet.nodes.http.body import BodyError, retry_after
from callsheet.nodes.http.client import Reply
from callsheet.nodes.queue.failure import Failure, failure_in, printable
from callsheet.nodes.queue.protocol import Accepted, Ambiguous, QueueError, QueueResult, Refused, Status
from callsheet.nodes.queue.route import REQUEST_ID, Route
from callsheet.nodes.redact import hide_credentials

UNKNOWABLE: Final = (408, 409, 425, 499)
RAW: Final = 64 * 1024

Stop = Literal["", "auth", "funds"]


def acceptance_in(reply: Reply, endpoint: str, route: Route) -> Accepted | Ambiguous:
    """Read a 2xx reply to a submit: accepted, if it can be read and names the request."""
    try:
        body = reply.json()
    except BodyError as flaw:
        return _ambiguous(reply, f"the provider answered {reply.status}, but the reply {flaw}")
    request_id = body.get("request_id")
    if not isinstance(request_id, str) or not REQUEST_ID.match(request_id):
        return _ambiguous(reply, f"the provider answered {reply.status}, but with no usable request id")
    status, response, cancel = (
        route.request_url(str(body.get(field, "")), endpoint, request_id, action)
        for field, action in (("status_url", "status"), ("response_url", ""), ("cancel_url", "cancel"))
    )
    return Accepted(request_id, status, response, cancel, hide_credentials(reply.text[:RAW]))


def refusal_in(reply: Reply, endpoint: str) -> Refused | Ambiguous:
    """Read a reply with any other status: refused, or unknown. Reads errors in the shapes of `failure`."""
    said = failure_in(reply)
    if reply.status == 429:
        wait = retry_after(reply.headers.get("retry-after"))
        return Refused("unavailable", f"the provider takes no more now{_quoted(said)}", 429, wait)
    if reply.status == 504 and reply.headers.get("x-fal-request-timeout-type", "").lower() == "user":
        return Refused("unavailable", f"it did not start in the time we allowed{_quoted(said)}", 504)
    if 300 <= reply.status < 400:
        message = f"the provider answered {reply.status}, and redirects are never followed"
        return Refused("failed", message, reply.status, next_step="check the provider's address")
    if 400 <= reply.status < 500 and reply.status not in UNKNOWABLE:
        return _refused(reply.status, said, endpoint)
    return _ambiguous(reply, f"the provider answered {reply.status}{_quoted(said)}")


def _ambiguous(reply: Reply, message: str) -> Ambiguous:
    """The provider may have accepted it; keep what it said."""
    hint = reply.headers.get("x-fal-request-id", "")
    return Ambiguous(message, hide_credentials(reply.text[:RAW]), hint[:128])


def _refused(status: int, said: Failure, endpoint: str) -> Refused:
    stop = _stop(status, said)
    message, next_step = _explained(status, said, endpoint, stop)
    kind: Kind = said.kind or "rejected"
    return Refused(kind, message, status, None, stop, next_step)


def _stop(status: int, said: Failure) -> Stop:
    words = said.words.lower()
    if status == 402 or (status == 403 and ("locked" in words or "balance" in words)):
        return "funds"
    return "auth" if status in (401, 403) and not said.is_refusal else ""


def _explained(status: int, said: Failure, endpoint: str, stop: Stop) -> tuple[str, str]:
    words = _quoted(said)
    if stop == "funds":
        return f"the account cannot pay{words}", "top up the account, then run again"
    if stop == "auth":
        return f"the key was not accepted{words}", "check the key and what it may do, then run again"
    if said.is_refusal:
        return f"the provider refuses this content{words}", "change the prompt or the media"
    if status == 404:
        return f"{endpoint} is not there (any more){words}", "see `callsheet models` for what is"
    return f"the request was refused with {status}{words}", "compare the parameters with the model's page"


def _quoted(said: Failure) -> str:
    return f": {said.words}" if said.words else ""


STATES: Final[Mapping[object, Literal["queued", "running", "completed"]]] = {
    "IN_QUEUE": "queued",
    "IN_PROGRESS": "running",
    "COMPLETED": "completed",
}
GONE: Final = (404, 410)
KEY_TROUBLE: Final = (401, 402, 403)
PASSING: Final = (*KEY_TROUBLE, 408, 409, 425, 429)
OVER_ALREADY: Final = (400, 404, 409)
LOGS: Final = 20


def status_in(reply: Reply, request_id: str) -> Status:
    """Where the request is. Raises QueueError."""
    if reply.status not in (200, 202):
        raise error_in(reply, request_id)
    try:
        body = reply.json()
    except BodyError as flaw:
        raise _passing(f"the status of {request_id} {flaw}") from flaw
    state = STATES.get(body.get("status")) if isinstance(body.get("status"), str) else None
    if state is None or body.get("request_id", request_id) != request_id:
        raise _passing(f"the status of {request_id} is none that is known")
    position = body.get("queue_position")
    waits = isinstance(position, int) and not isinstance(position, bool) and position >= 0
    return Status(state, position if isinstance(position, int) and waits else None, _logs(body))


def result_in(reply: Reply, request_id: str) -> QueueResult:
    """What came of the request. Raises QueueError with the kind of the model's own failure."""
    if reply.status != 200:
        raise _no_result(reply, request_id)
    try:
        reply.json()
    except BodyError as flaw:
        raise _passing(f"the result of {request_id} {flaw}") from flaw
    units = _number(reply.headers.get("x-fal-billable-units"))
    return QueueResult(reply.text, units, printable(reply.headers.get("x-fal-served-from", "")))


def check_cancelled(reply: Reply, request_id: str) -> None:
    """Raises QueueError unless the request is, or soon will be, no longer worked on."""
    if not (reply.status < 300 or reply.status in OVER_ALREADY):
        raise error_in(reply, request_id)


def error_in(reply: Reply, request_id: str) -> QueueError:
    """The error for a reply that says nothing of the request, or that it is `gone` (not known there)."""
    said = failure_in(reply)
    words = f": {said.words}" if said.words else ""
    if reply.status in GONE:
        return QueueError(
            f"the provider no longer has request {request_id}{words}",
            "failed",
            "look for it in the provider's history; results are kept for about an hour",
            gone=True,
        )
    if reply.status in KEY_TROUBLE:
        message = f"the key was not accepted for request {request_id}{words}"
        return QueueError(message, "rejected", "check the key, then resume", passing=True)
    wait = retry_after(reply.headers.get("retry-after"))
    message = f"the provider answered {reply.status} about request {request_id}{words}"
    return QueueError(message, "unavailable", passing=True, retry_after=wait)


def _no_result(reply: Reply, request_id: str) -> QueueError:
    said = failure_in(reply)
    if reply.status == 499:
        return QueueError(f"request {request_id} was cancelled", "failed", "run it again")
    if reply.status in PASSING or not (said.about_request or reply.status == 422):
        return error_in(reply, request_id)
    return _model_failure(said, reply.status, request_id)


def _model_failure(said: Failure, status: int, request_id: str) -> QueueError:
    words = said.words or f"status {status}"
    if said.is_refusal:
        message = f"the provider refuses this content: {words} (request {request_id})"
        return QueueError(message, "rejected", "change the prompt or the media")
    kind: Kind = said.kind or ("rejected" if status < 500 else "failed")
    next_step = "compare the parameters with the model's page" if kind == "rejected" else "run it again"
    return QueueError(f"the model failed: {words} (request {request_id})", kind, next_step)


def _passing(message: str) -> QueueError:
    return QueueError(message, "unavailable", passing=True)


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
