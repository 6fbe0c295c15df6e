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
    scheme, host, port = _parts(address)
    shown = f"[{host}]" if ":" in host else host
    if scheme == "tls":
        return f"tls://{shown}:{port}"
    if environ.get(TRUST) != "1" and not _is_loopback(host):
        raise InputError(
            f"{address} is neither on this machine nor encrypted: whoever reaches it can run programs here",
            f"write tls://{shown}:{port} (docs/scale.md), or set {TRUST}=1 if nobody else is in that network",
        )
    return f"tcp://{shown}:{port}"


def _parts(address: str) -> tuple[str, str, int]:
    """Scheme, host and port. Raises InputError where the address holds anything else, or less."""
    shown = "…@" + address.rpartition("@")[2] if "@" in address else address  # a password is not shown
    wrong = InputError(
        f"{shown!r} is no address of a scheduler",
        "write dask://host:8786 or tls://host:8786, and nothing else",
    )
    try:
        parts = urlsplit(address)
        host, port = parts.hostname, parts.port
    except ValueError:
        raise wrong from None
    more = parts.path.strip("/") or parts.username or parts.query or "#" in address
    if parts.scheme not in ("dask", "tls") or not host or port == 0 or more or not address.isprintable():
        raise wrong
    return parts.scheme, host, port or PORT


def _is_loopback(host: str) -> bool:
    """Whether every address of a host is this machine. Raises InputError for a name that is not known."""
    try:
        found = {str(info[4][0]) for info in socket.getaddrinfo(host, None)}
    except OSError:
        raise InputError(f"{host} is not known here", "look for a typing error in its name") from None
    return bool(found) and all(ip_address(one.partition("%")[0]).is_loopback for one in found)
