"""A credential and the only origins that may ever see it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from callsheet.errors import InputError, NodeError
from callsheet.nodes.http.origin import Origin, UrlError, origin_of

SENDABLE: Final = re.compile(r"[!-~]{1,1024}\Z")


class Credential:
    """Gives the Authorization header for one URL at a time.

    origins: scheme, host and port of everyone it may be shown to. read: the header's value, read at the
    moment of sending; raises NodeError when there is none.
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
    """A key from the environment as it can stand in a header. Raises NodeError, which does not show it."""
    key = value.strip()
    if not SENDABLE.match(key):
        raise NodeError(
            f"{variable} holds something that cannot be a key: spaces, line breaks or other characters",
            "rejected",
            f"set {variable} again, without quotes or line breaks",
        )
    return key


def configured_origin(variable: str, url: str) -> Origin:
    """The server that an environment variable puts in place of the provider's hosts.

    Raises InputError: plain http is for this machine alone.
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
