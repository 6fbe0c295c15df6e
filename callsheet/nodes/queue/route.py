"""The URLs that the requests of a queue go to, and the key that is sent."""

from __future__ import annotations

import re
from typing import Final, Protocol

from callsheet.nodes.http.credential import Credential

REQUEST_ID: Final = re.compile(r"[A-Za-z0-9_-]{1,128}\Z")
"""What the id of a request looks like."""


class Route(Protocol):
    """The server of a queue that speaks fal's protocol. host: its name in messages. webhooks: whether it
    takes the address of a webhook with a submit."""

    host: str
    credential: Credential
    webhooks: bool

    async def submit_urls(self, endpoint: str) -> tuple[str, ...]:
        """The URLs to submit to. The next one is tried only when nothing could be sent to the one before.

        Raises NodeError.
        """
        ...

    def request_url(self, url: str, endpoint: str, request_id: str, action: str) -> str:
        """`url` (from a reply) if it is the provider's own, else the URL that the protocol defines.

        Raises NodeError when there is neither.
        """
        ...
