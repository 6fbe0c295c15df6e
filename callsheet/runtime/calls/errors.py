"""How a paid call can end without a result."""

from __future__ import annotations

from callsheet.errors import Kind, NodeError
from callsheet.runtime.ledger import Attempt


class CallError(NodeError):
    """A paid call that did not bring its result. `attempt` is what the ledger knows of it."""

    def __init__(self, attempt: Attempt, message: str, kind: Kind, next_step: str = "") -> None:
        known = attempt.request_id
        super().__init__(f"{message} (request {known})" if known and known not in message else message, kind)
        self.next_step = next_step
        self.attempt = attempt


class Unknown(CallError):
    """It is unknown whether the provider accepted the request; it is not sent again."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(
            attempt,
            f"it is unknown whether the provider took this request: {attempt.error or 'its reply was lost'}",
            "unknown",
            "`callsheet reconcile` looks it up; nothing is sent twice meanwhile",
        )
