"""How a paid call can end without a result."""

from __future__ import annotations

from callsheet.errors import Kind, NodeError
from callsheet.runtime.ledger import Attempt
from callsheet.spec import shell


class CallError(NodeError):
    """A paid call that did not bring its result. `attempt` is what the ledger knows of it."""

    def __init__(self, attempt: Attempt, message: str, kind: Kind, next_step: str = "") -> None:
        known = attempt.request_id
        super().__init__(f"{message} (request {known})" if known and known not in message else message, kind)
        self.next_step = next_step
        self.attempt = attempt


class NotFetched(CallError):
    """It is paid, and what came of it cannot be fetched or used yet. It stays so for later runs, and is not
    paid again: neither `retry` nor a fallback takes its place."""

    def __init__(self, attempt: Attempt, reason: str, cause: NodeError) -> None:
        kind: Kind = "rejected" if cause.kind == "rejected" else "unavailable"
        super().__init__(attempt, f"paid, not fetched ({reason})", kind, cause.next_step)
        if not self.next_step:
            give_up = f"callsheet reconcile {shell.quoted(attempt.address)} --lost"
            again = "callsheet resume --fetch-only"
            self.next_step = f"`{again}` fetches it, nothing is paid again; `{give_up}` gives it up"


class NotInstalled(CallError):
    """The package whose provider bought it is not here, or cannot be used. It stays as it is for later runs,
    and is not paid again. package: its name and version, "" where nobody knows. trouble: what is wrong with
    one that is installed."""

    def __init__(self, attempt: Attempt, package: str, trouble: str = "") -> None:
        message = trouble or f"the provider `{attempt.provider}` is not installed"
        message += f"; {package} bought this request" if package else ""
        install = f"install {package.replace(' ', '==') or 'the package that brings it'}"
        step = f"{'repair it' if trouble else install}, then `callsheet resume --fetch-only`"
        super().__init__(attempt, message, "local", f"{step}; nothing is paid again")


class Unknown(CallError):
    """It is unknown whether the provider accepted the request; it is not sent again."""

    def __init__(self, attempt: Attempt) -> None:
        super().__init__(
            attempt,
            f"it is unknown whether the provider took this request: {attempt.error or 'its reply was lost'}",
            "unknown",
            "`callsheet reconcile` looks it up; nothing is sent twice meanwhile",
        )
