"""What the reply to a submit means: accepted, refused, or nobody knows."""

from __future__ import annotations

from typing import Final, Literal

from callsheet.errors import Kind
from callsheet.nodes.http.body import BodyError, retry_after
from callsheet.nodes.http.message import Reply
from callsheet.nodes.queue.failure import Failure, failure_in
from callsheet.nodes.queue.protocol import Accepted, Ambiguous, Refused
from callsheet.nodes.queue.route import REQUEST_ID, Route
from callsheet.nodes.redact import hide_credentials

UNKNOWABLE: Final = (408, 409, 425, 499)
RAW: Final = 64 * 1024
"""Characters of a reply that are kept."""

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
    return Accepted(request_id, status, response, cancel, kept_text(reply))


def refusal_in(reply: Reply, endpoint: str) -> Refused | Ambiguous:
    """Read a reply with any other status: refused, or unknown. Reads errors in the shapes of `failure`."""
    said = failure_in(reply)
    if reply.status == 429:
        wait = retry_after(reply.headers.get("retry-after"))
        return Refused("unavailable", f"the provider takes no more now{_quoted(said)}", 429, wait)
    if reply.status == 504 and reply.headers.get("x-fal-request-timeout-type", "").lower() == "user":
        return Refused("unavailable", f"it did not start in the time we allowed{_quoted(said)}", 504)
    if 300 <= reply.status < 400:
        return _ambiguous(reply, f"the provider answered {reply.status}, and redirects are never followed")
    if 400 <= reply.status < 500 and reply.status not in UNKNOWABLE:
        return _refused(reply.status, said, endpoint)
    return _ambiguous(reply, f"the provider answered {reply.status}{_quoted(said)}")


def kept_text(reply: Reply) -> str:
    """The beginning of a reply, as it is kept: without credentials."""
    return hide_credentials(reply.text[:RAW])


def _ambiguous(reply: Reply, message: str) -> Ambiguous:
    """The provider may have accepted it; keep what it said."""
    hint = reply.headers.get("x-fal-request-id", "")
    return Ambiguous(message, kept_text(reply), hint[:128])


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
