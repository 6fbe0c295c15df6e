"""HTTP requests and replies as handlers see them."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

Headers = tuple[tuple[str, str], ...]
JSON_TYPE: Final = ("Content-Type", "application/json")


@dataclass(frozen=True)
class Request:
    """`target` is path and query as sent; header names are lower-case. `scheme` is "http" or "https"."""

    method: str
    target: str
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    scheme: str = "http"

    @cached_property
    def path(self) -> str:
        return unquote(urlsplit(self.target).path)

    @cached_property
    def query(self) -> Mapping[str, list[str]]:
        return parse_qs(urlsplit(self.target).query, keep_blank_values=True)

    def asked(self, name: str, default: str = "") -> str:
        """The last value of a query parameter."""
        return self.query.get(name, [default])[-1]

    @property
    def host(self) -> str:
        return self.headers.get("host", "127.0.0.1")

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.host}"

    def json(self) -> object:
        """The body as JSON; raises Refusal (400) when it is none."""
        try:
            return json.loads(self.body or b"null")
        except ValueError as error:
            raise Refusal(400, f"the body is not JSON: {error}") from error


@dataclass(frozen=True, slots=True)
class Defect:
    """How a reply is broken on its way. The connection is closed after it.

    lost: nothing is sent and the connection is reset. claimed: a wrong Content-Length.
    cut: how many bytes of the body are sent. drip: seconds over which the head is spread. unmeasured: no
    Content-Length is sent.
    """

    lost: bool = False
    claimed: int | None = None
    cut: int | None = None
    drip: float = 0.0
    unmeasured: bool = False


@dataclass(frozen=True, slots=True)
class Reply:
    """The reply to a request. chunks: sent piece by piece in place of `body`, if given."""

    status: int = 200
    body: bytes = b""
    headers: Headers = ()
    chunks: AsyncIterator[bytes] | None = None
    defect: Defect | None = None


LOST: Final = Reply(defect=Defect(lost=True))


def json_reply(value: object, status: int = 200, *headers: tuple[str, str]) -> Reply:
    """A reply whose body is `value` as JSON."""
    return Reply(status, json.dumps(value).encode(), (JSON_TYPE, *headers))


class Refusal(Exception):
    """Raised by handlers to answer with an error in fal's format (`{"detail": …}`); `reply` is the answer."""

    def __init__(self, status: int, detail: object, *headers: tuple[str, str]) -> None:
        super().__init__(f"{status}: {detail}")
        self.reply = json_reply({"detail": detail}, status, *headers)
