"""Which proxy a request goes through: none, unless the user asks for one with CALLSHEET_PROXY.

    CALLSHEET_PROXY=env                     HTTPS_PROXY (or ALL_PROXY) and NO_PROXY count
    CALLSHEET_PROXY=http://proxy:3128       this one, for every host but those on this machine

Only https goes through a proxy, and only by CONNECT: the proxy sees the host, never the request, its key or
the reply. A certificate authority of your own is named by SSL_CERT_FILE, with or without a proxy.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Final
from urllib.parse import urlsplit

VARIABLE: Final = "CALLSHEET_PROXY"
SCHEMES: Final = ("http", "https")


class ProxyError(Exception):
    """The setting names no proxy that can be used."""


def proxy_for(url: str, host: str, environ: Mapping[str, str] = os.environ) -> str:
    """The URL of the proxy for a request, "" for none.

    host: the name of the server, also where `url` has its address. Raises ProxyError.
    """
    setting = environ.get(VARIABLE, "").strip()
    if not setting or urlsplit(url).scheme != "https" or host in ("localhost", "127.0.0.1", "::1"):
        return ""
    return _checked(_from_environment(host) if setting == "env" else setting)


def _from_environment(host: str) -> str:
    import urllib.request as system  # typeshed lacks what looks into NO_PROXY

    proxies = system.getproxies_environment()
    if system.proxy_bypass_environment(host, proxies):  # type: ignore[attr-defined]
        return ""
    return proxies.get("https") or proxies.get("all") or ""


def _checked(proxy: str) -> str:
    try:
        parts = urlsplit(proxy)
        usable = not proxy or (parts.scheme in SCHEMES and bool(parts.hostname) and parts.port != 0)
    except ValueError:
        usable = False
    if not usable:
        raise ProxyError(f"{VARIABLE} leads to no proxy; write `env` or a URL such as http://proxy:3128")
    return proxy
