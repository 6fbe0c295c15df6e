"""TLS contexts: which certificates are accepted, and for which name."""

from __future__ import annotations

import os
from functools import cache
from ssl import PROTOCOL_TLS_CLIENT, MemoryBIO, SSLContext, SSLObject, SSLSession

import certifi


class Named(SSLContext):
    """Asks for the certificate of `host`, "" for that of where it connects to. Behind a proxy, httpx would
    ask for that of the address that was chosen here."""

    host = ""

    def wrap_bio(
        self,
        incoming: MemoryBIO,
        outgoing: MemoryBIO,
        server_side: bool = False,
        server_hostname: str | bytes | None = None,
        session: SSLSession | None = None,
    ) -> SSLObject:
        return super().wrap_bio(incoming, outgoing, server_side, self.host or server_hostname, session)


@cache
def tls(host: str = "") -> SSLContext:
    """The context for a host, made once: reading the certificates takes longer than a request. An authority
    of the user's own is named by SSL_CERT_FILE or SSL_CERT_DIR."""
    context = Named(PROTOCOL_TLS_CLIENT)
    context.host = host
    file, folder = os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR")
    if folder and not file:
        context.load_verify_locations(capath=folder)
    else:
        context.load_verify_locations(cafile=file or certifi.where())
    return context
