"""How a request ends, when it was decided beforehand that it should not end well."""

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
class Fate:
    """status, body: what the result call answers; a body of None is the model's own output.
    ends: whether it ever ends. error: what COMPLETED says beside the status. answer: how a language model's
    answer is spoilt (see `language`)."""

    status: int = 200
    body: object = None
    ends: bool = True
    error: str = ""
    error_type: str = ""
    answer: str = ""


HAPPY: Final = Fate()
CANCELLED_FATE: Final = Fate(499, CANCELLED, error="Request was cancelled", error_type="client_cancelled")
START_TIMEOUT: Final = Fate(504, TIMED_OUT, error="Request timed out", error_type="request_timeout")
FATES: Final[dict[str, Fate]] = {
    "content_policy": Fate(422, POLICY, error="Invalid status code: 422", error_type="bad_request"),
    "model_error": Fate(500, INTERNAL, error="Invalid status code: 500", error_type="runner_server_error"),
    "timeout": START_TIMEOUT,
    "missing_output": Fate(200, {}),
    **{f"answer_{how}": Fate(answer=how) for how in ("words", "misfit", "fenced", "empty", "long", "cut")},
    "stuck": Fate(ends=False),
}
