"""Connections to servers: plain or with TLS, directly or through a proxy.

They are those of httpcore, without a pool: a pool looks through all its connections for every request. So
nothing follows redirects, keeps cookies, reads .netrc or proxies from the environment, or logs whole URLs.
"""

from __future__ import annotations

import base64
import os
import ssl
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, Final
from urllib.parse import quote, unquote, urlsplit

import certifi
import httpcore

from callsheet.nodes.http.message import Call, Unsent
from callsheet.nodes.http.proxy import ProxyError, proxy_for
from callsheet.nodes.http.stream import Network

PORTS: Final = {"https": 443, "http": 80}
KEPT: Final = "%/:?[]@!$&'()*+,;=~"
"""Characters of a URL that stay as they are, beside letters and digits."""
BROKEN: Final = (httpcore.ProtocolError, httpcore.NetworkError, httpcore.TimeoutException, OSError)
"""What is raised when a connection breaks."""


@dataclass(frozen=True, slots=True)
class Target:
    """What a connection is good for. proxy: its URL, "" for none. address: to connect to in place of the
    host's, "" for that of the host: another host behind the address has shown no certificate."""

    proxy: str
    scheme: str
    host: str
    port: int
    address: str

    @property
    def netloc(self) -> str:
        """Host and port as the header Host has them."""
        host = _bracketed(self.host)
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    def url(self, path: str) -> httpcore.URL:
        return httpcore.URL(scheme=self.scheme, host=self.address or self.host, port=self.port, target=path)


def aimed(call: Call) -> tuple[Target, str]:
    """Where a request goes, and the path with the query that it asks for there. Raises Unsent."""
    try:
        parts = urlsplit(call.url)
        host, port = (parts.hostname or "").encode("idna").decode(), parts.port or PORTS[parts.scheme]
        path = quote(parts.path or "/", KEPT) + (f"?{quote(parts.query, KEPT)}" if parts.query else "")
        proxy = proxy_for(call.url, host)
    except ProxyError as error:
        raise Unsent(str(error)) from None
    except (ValueError, KeyError):
        raise Unsent("the URL cannot be used") from None
    if not host:
        raise Unsent("the URL cannot be used")
    return Target(proxy, parts.scheme, host, port, call.connect_to), path


def new_connection(target: Target, keep_alive: float) -> httpcore.AsyncHTTPConnection:
    """A connection that opens with its first request. keep_alive: seconds that it stays open unused."""
    return httpcore.AsyncHTTPConnection(
        httpcore.Origin(target.scheme.encode(), (target.address or target.host).encode(), target.port),
        ssl_context=_tls() if target.scheme == "https" else None,
        keepalive_expiry=keep_alive,
        network_backend=Tunnel(target.proxy) if target.proxy else Network(),
    )


def is_open(connection: httpcore.AsyncHTTPConnection) -> bool:
    """Whether one more request may be sent over it: the server has not closed it, as far as is known here."""
    return not (connection.is_closed() or connection.has_expired())


class Tunnel(httpcore.AsyncNetworkBackend):
    """Connects through a proxy, by CONNECT: TLS goes on from here to the server itself."""

    def __init__(self, proxy: str) -> None:
        parts = urlsplit(proxy)
        self._target = Target("", parts.scheme, parts.hostname or "", parts.port or PORTS[parts.scheme], "")
        self._headers = [("Accept", "*/*")]
        if parts.username or parts.password:
            user = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
            basic = base64.b64encode(user.encode()).decode()
            self._headers.append(("Proxy-Authorization", f"Basic {basic}"))

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.AsyncNetworkStream:
        """A stream to `host`. Raises httpcore.ProxyError when the proxy does not open it."""
        place, connection = f"{_bracketed(host)}:{port}", new_connection(self._target, 0.0)
        headers = [("Host", place), *self._headers]
        request = httpcore.Request("CONNECT", self._target.url(place), headers=headers)
        reply = await connection.handle_async_request(request)
        if not 200 <= reply.status < 300:
            await connection.aclose()
            raise httpcore.ProxyError(str(reply.status))
        stream: httpcore.AsyncNetworkStream = reply.extensions["network_stream"]
        return stream


def _bracketed(host: str) -> str:
    return f"[{host}]" if ":" in host else host


@cache
def _tls() -> ssl.SSLContext:
    """The TLS context, made once: reading the certificates takes longer than a request. An authority of the
    user's own is named by SSL_CERT_FILE or SSL_CERT_DIR."""
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if folder and not file:
        return ssl.create_default_context(capath=folder)
    return ssl.create_default_context(cafile=file or certifi.where())
