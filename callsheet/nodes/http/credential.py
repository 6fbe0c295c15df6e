"""Sends a key to the provider's own servers only."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from callsheet.errors import InputError, NodeError
from callsheet.spec.web_origin import Origin, UrlError, origin_of

SENDABLE: Final = re.compile(r"[!-~]{1,1024}\Z")


class Credential:
    """Gives the Authorization header for one URL at a time.

    origins: the servers that may get the key. read: gives the header's value, and is called for each request;
    it raises NodeError when there is no key.
    """

    def __init__(self, origins: Iterable[Origin], read: Callable[[], str]) -> None:
        self.origins = frozenset(origins)
        self.read = read

    def headers(self, url: str) -> dict[str, str]:
        """The headers to send to `url`. Raises UrlError for a foreign origin, NodeError without a key."""
        origin = origin_of(url)
        if origin not in self.origins:
            raise UrlError(f"{origin} is not one of the provider's own hosts")
        return {"Authorization": self.read()}


def sendable(variable: str, value: str) -> str:
    """The value of an environment variable, if it can stand in a header. Raises NodeError, without the
    value."""
    key = value.strip()
    if not SENDABLE.match(key):
        raise NodeError(
            f"{variable} holds something that cannot be a key: spaces, line breaks or other characters",
            "rejected",
            f"set {variable} again, without quotes or line breaks",
        )
    return key


def configured_origin(variable: str, url: str) -> Origin:
    """The server that an environment variable names in place of the provider's own.

    Raises InputError for a URL that cannot be used; plain http is for this machine only.
    """
    try:
        origin = origin_of(url.rstrip("/"))
    except UrlError as error:
        raise InputError(f"{variable} cannot be used: {error}", "write http://127.0.0.1:PORT") from error
    if origin.scheme == "http" and not origin.is_loopback:
        raise InputError(
            f"{variable} is plain http to {origin.host}: your key would travel readable",
            "use https, or http://127.0.0.1:PORT",
        )
    if str(origin) != url.rstrip("/").lower():
        raise InputError(f"{variable} must be scheme, host and port alone", "write http://127.0.0.1:PORT")
    return origin
