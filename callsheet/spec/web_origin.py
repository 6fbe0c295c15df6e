"""Reads the server of a URL, and refuses URLs that different programs could read differently."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import SplitResult, urlsplit

from callsheet.spec.ip_address import is_public, parse_address

MAX_LENGTH: Final = 8192
PORTS: Final = {"https": 443, "http": 80}
LOOPBACK: Final = ("127.0.0.1", "::1", "localhost")
PLAIN: Final = re.compile(r"[!#-;=?-\[\]_a-z~]+\Z")
LABEL: Final = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?\Z")
NUMBER: Final = re.compile(r"(0x[0-9a-f]*|[0-9]+)\Z")


class UrlError(ValueError):
    """A URL that is refused, and why. The text never contains the URL's query or user."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Scheme, host and port of a server."""

    scheme: str
    host: str
    port: int

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == PORTS[self.scheme] else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def is_loopback(self) -> bool:
        return self.host in LOOPBACK


@lru_cache(256)
def origin_of(url: str) -> Origin:
    """The origin of an absolute http(s) URL. Raises UrlError for anything that could be read two ways."""
    parts = _split(url)
    host = (parts.hostname or "").lower()
    if "@" in parts.netloc:
        raise UrlError("it carries a user name or password")
    if not _is_host(host):
        raise UrlError("its host name is not a plain one")
    return Origin(parts.scheme, host, _port(parts))


def public_origin(url: str, trusted: Collection[Origin] = ()) -> Origin:
    """The origin of a URL that a provider gave: https on port 443 of a public host, or a trusted origin.

    Raises UrlError. The addresses behind the host's name are checked again when connecting.
    """
    origin = origin_of(url)
    if origin in trusted:
        return origin
    if origin.scheme != "https" or origin.port != PORTS["https"]:
        raise UrlError(f"it is {origin}, and only https on port 443 is used")
    _require_public(origin)
    return origin


def fetchable(url: str) -> Origin:
    """The origin of a URL that a provider is to fetch for a person: https, of a public host. Raises
    UrlError."""
    origin = origin_of(url)
    if origin.scheme != "https":
        raise UrlError(f"its scheme is {origin.scheme}, and only https is used")
    _require_public(origin)
    return origin


def _require_public(origin: Origin) -> None:
    """Raises UrlError for a host that is not public by its name. `localhost` and what ends in it never is."""
    address = parse_address(origin.host)
    name = origin.host.rstrip(".")
    if name == "localhost" or name.endswith(".localhost") or (address is not None and not is_public(address)):
        raise UrlError(f"it leads to {origin.host}, which is not a public address")


def _split(url: str) -> SplitResult:
    if len(url) > MAX_LENGTH:
        raise UrlError(f"it is longer than {MAX_LENGTH} characters")
    if not PLAIN.match(url):
        raise UrlError("it contains characters that do not belong into a URL")
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise UrlError("it is not a URL") from error
    if parts.scheme not in PORTS:
        raise UrlError(f"its scheme is {parts.scheme[:20] or 'missing'}, and only https is used")
    return parts


def _port(parts: SplitResult) -> int:
    try:
        port = parts.port
    except ValueError as error:
        raise UrlError("its port is not a number") from error
    if port == 0:
        raise UrlError("its port is 0")
    return port or PORTS[parts.scheme]


@lru_cache(1024)
def _is_host(host: str) -> bool:
    """A name of letters, digits and hyphens, or an address in its usual form.

    A name whose last part is a number is some other spelling of an address: 2130706433, 127.1, 0x7f.1.
    """
    if parse_address(host) is not None:
        return "%" not in host
    labels = host.removesuffix(".").split(".")
    return len(host) <= 253 and all(map(LABEL.match, labels)) and not NUMBER.match(labels[-1])
