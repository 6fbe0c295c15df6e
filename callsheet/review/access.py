"""Who may ask the review server for what: the token, the name it is called by, the page that asks."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field

from callsheet.review.message import Refusal, Request

TOKEN_HEADER = "x-callsheet-token"


@dataclass(frozen=True, slots=True)
class Access:
    """What a request must bring. origin: scheme, host and port of the page, `http://127.0.0.1:8765`. names:
    further hosts with the port that mean this server. token: in each address, and in a header of each
    change."""

    origin: str
    names: frozenset[str] = frozenset()
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)

    @property
    def address(self) -> str:
        """Where a person opens the page."""
        return f"{self.origin}/{self.token}/"

    def path(self, request: Request) -> str:
        """The path behind the token. Raises Refusal for a request that did not come from the page.

        The host is checked first, so that a page elsewhere whose name leads here learns nothing.
        """
        self.require_host(request)
        path = request.target.partition("?")[0]
        _, given, *rest = path.split("/", 2) if path.startswith("/") else ("", "")
        if not rest or not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refusal(404, "not found", "open the address that callsheet review prints")
        self._require_page(request)
        return rest[0]

    def require_change(self, request: Request) -> None:
        """Raises Refusal unless the page itself asks for a change: by POST, with JSON and the token."""
        if request.method != "POST":
            raise Refusal(405, "a change needs POST")
        given = request.headers.get(TOKEN_HEADER, "")
        if not hmac.compare_digest(given.encode(), self.token.encode()):
            raise Refusal(403, "the token is missing")
        if request.headers.get("content-type", "").partition(";")[0].strip() != "application/json":
            raise Refusal(415, "a change is asked for as JSON")
        if not self._is_own(request.headers.get("origin", "")):
            raise Refusal(403, "another page asks for this")

    def require_host(self, request: Request) -> None:
        """Raises Refusal where the server is called by a name that is not its own."""
        host = request.headers.get("host", "")
        if host != self.origin.partition("://")[2] and host not in self.names:
            raise Refusal(421, "this server has another name")

    def _require_page(self, request: Request) -> None:
        """Raises Refusal where a browser says that another page asks."""
        origin = request.headers.get("origin")
        if origin is not None and not self._is_own(origin):
            raise Refusal(403, "another page asks for this")
        if request.headers.get("sec-fetch-site") in ("cross-site", "same-site") and not _opens(request):
            raise Refusal(403, "another page asks for this")

    def _is_own(self, origin: str) -> bool:
        scheme, _, host = origin.partition("://")
        return origin == self.origin or (scheme == self.origin.partition("://")[0] and host in self.names)


def _opens(request: Request) -> bool:
    """Whether a person followed a link to the page, as from a mail."""
    mode, place = request.headers.get("sec-fetch-mode"), request.headers.get("sec-fetch-dest")
    return mode == "navigate" and place == "document"
