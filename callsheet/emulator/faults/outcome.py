"""How a request ends when a fault decides it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

POLICY: Final = {
    "detail": [
        {
            "loc": ["body", "prompt"],
            "msg": "The content could not be processed because it was flagged by a content checker.",
            "type": "content_policy_violation",
            "url": "https://docs.fal.ai/errors/#content_policy_violation",
        }
    ]
}
INTERNAL: Final = {
    "detail": [{"loc": ["body"], "msg": "Internal server error", "type": "internal_server_error"}]
}
TIMED_OUT: Final = {"detail": "Request timed out", "error_type": "request_timeout"}
CANCELLED: Final = {"detail": "Request was cancelled by the client", "error_type": "client_cancelled"}


@dataclass(frozen=True, slots=True)
class Outcome:
    """status, body: the reply to the result call; with a body of None the model's own output. ends: False for
    a request that works for ever. error: the error that the status COMPLETED carries. answer: how a language
    model's answer is broken (see `language`)."""

    status: int = 200
    body: object = None
    ends: bool = True
    error: str = ""
    error_type: str = ""
    answer: str = ""


SUCCESS: Final = Outcome()
CANCELLED_OUTCOME: Final = Outcome(
    499, CANCELLED, error="Request was cancelled", error_type="client_cancelled"
)
START_TIMEOUT: Final = Outcome(504, TIMED_OUT, error="Request timed out", error_type="request_timeout")
OUTCOMES: Final[dict[str, Outcome]] = {
    "content_policy": Outcome(422, POLICY, error="Invalid status code: 422", error_type="bad_request"),
    "model_error": Outcome(500, INTERNAL, error="Invalid status code: 500", error_type="runner_server_error"),
    "timeout": START_TIMEOUT,
    "missing_output": Outcome(200, {}),
    **{f"answer_{how}": Outcome(answer=how) for how in ("words", "misfit", "fenced", "empty", "long", "cut")},
    "stuck": Outcome(ends=False),
}
