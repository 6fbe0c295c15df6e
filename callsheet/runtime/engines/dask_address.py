"""Addresses of Dask schedulers: `dask://host:8786`, and `tls://host:8786` where the network is not trusted.

Whoever can connect to a scheduler without TLS can run any program on its workers, and on the driver. So one
that others reach has to have TLS, or a person's word.
"""

from __future__ import annotations

import os
import socket
from collections.abc import Mapping
from importlib.util import find_spec
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

from callsheet.errors import InputError

TRUST: Final = "CALLSHEET_TRUST_NETWORK"
PORT: Final = 8786
EXTRA: Final = "install it: pip install 'callsheet[dask]'"
CERTIFICATES: Final = "DASK_DISTRIBUTED__COMM__TLS__CA_FILE"


def require_dask(address: str) -> str:
    """The address as Dask has it. Raises InputError for a wrong one, and where Dask is not installed."""
    place = dask_address(address)
    if find_spec("distributed") is None:
        raise InputError(f"{address} needs the package distributed", EXTRA)
    return place


def dask_address(address: str, environ: Mapping[str, str] = os.environ) -> str:
    """The address as Dask has it. Raises InputError for one that is none, or is neither safe nor trusted."""
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port or PORT
    except ValueError as error:
        raise InputError(f"{address} is no address: {error}", "write dask://host:8786") from None
    if (
        parts.scheme not in ("dask", "tls")
        or not host
        or parts.path.strip("/")
        or parts.username
        or parts.query
    ):
        raise InputError(
            f"{address} is no address of a scheduler", "write dask://host:8786 or tls://host:8786"
        )
    shown = f"[{host}]" if ":" in host else host
    if parts.scheme == "tls":
        return f"tls://{shown}:{port}"
    if not _is_loopback(host) and environ.get(TRUST) != "1":
        raise InputError(
            f"{address} is neither on this machine nor encrypted: whoever reaches it can run programs here",
            f"write tls://{shown}:{port} (docs/scale.md), or set {TRUST}=1 if nobody else is in that network",
        )
    return f"tcp://{shown}:{port}"


def _is_loopback(host: str) -> bool:
    """Whether every address of a host is this machine; a name that is not known is not."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        return False
    return bool(found) and all(ip_address(one.partition("%")[0]).is_loopback for one in found)
