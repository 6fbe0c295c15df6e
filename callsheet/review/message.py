"""HTTP requests and replies as the review server sees them."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

Headers = tuple[tuple[str, str], ...]
JSON: Final = "application/json; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Request:
    """One request. target: path and query as sent. headers: names in lower case; of a header that came twice,
    the values are joined with a comma, so that it fits nothing that is asked of it."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request. chunks: sent piece by piece in place of `body`, if given. length: bytes of all
    chunks, None for a stream without an end."""

    status: int = 200
    body: bytes = b""
    headers: Headers = ()
    chunks: AsyncGenerator[bytes, None] | None = None
    length: int | None = None


class Refusal(Exception):
    """A request that is not answered as it wishes. status: of HTTP. message and next_step: for a person."""

    def __init__(self, status: int, message: str, next_step: str = "") -> None:
        super().__init__(message)
        self.status, self.message, self.next_step = status, message, next_step

    @property
    def reply(self) -> Reply:
        """The refusal as JSON."""
        return as_json({"error": self.message, "help": self.next_step}, self.status)


def as_json(value: Any, status: int = 200) -> Reply:
    """A reply whose body is `value` as JSON."""
    body = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return Reply(status, body, (("Content-Type", JSON),))
