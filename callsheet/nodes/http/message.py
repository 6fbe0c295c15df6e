"""HTTP requests and replies as values, and how a request can fail.

Unsent    no byte of the request left this machine
Lost      the request was sent, at least in part, and no status came back
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field

from callsheet.nodes.http.body import MAX_JSON, BodyError, parse_object

BeforeSend = Callable[[], Awaitable[None]]


async def nothing_to_do() -> None:
    """A `before_send` that does nothing."""


class Unsent(Exception):
    """The request did not leave this machine."""


class Lost(Exception):
    """The request was sent, or may have been; no status came back."""


@dataclass(frozen=True, slots=True)
class Call:
    """One HTTP request.

    seconds: for the whole exchange once connected. cap: bytes of the reply's body that are read.
    connect_to: the address to connect to in place of the host's; the host stays in Host and in TLS.
    """

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    content: bytes | AsyncIterator[bytes] = b""
    seconds: float = 60.0
    cap: int = MAX_JSON
    connect_to: str = ""


@dataclass(frozen=True, slots=True)
class Reply:
    """Status, headers (names in any case) and body. flaw: why the body is incomplete; "" if it is whole. cut:
    whether that is the connection, which ended before the body did."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    flaw: str = ""
    cut: bool = False

    def json(self) -> dict[str, object]:
        """The JSON object of the body. Raises BodyError."""
        if self.flaw:
            raise BodyError(self.flaw)
        return parse_object(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8", "replace")
