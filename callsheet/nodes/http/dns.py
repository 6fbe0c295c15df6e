"""Resolves host names, and refuses hosts with an address that is not public."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Awaitable, Callable
from typing import Final

from callsheet.spec.ip_address import Address, is_public, parse_address
from callsheet.spec.web_origin import Origin, UrlError

Resolve = Callable[[str, int], Awaitable[list[str]]]
"""Host and port → addresses in their usual form; raises OSError when there are none."""

MOST: Final = 4


async def system_resolver(host: str, port: int) -> list[str]:
    """Resolve a name with the operating system."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


async def public_addresses(origin: Origin, resolve: Resolve = system_resolver) -> list[Address]:
    """At most four addresses of the origin's host.

    Raises UrlError when any of them is not public (a name with both kinds may be an attack), OSError when the
    name is unknown.
    """
    literal = parse_address(origin.host)
    texts = [origin.host] if literal else await resolve(origin.host, origin.port)
    addresses = [parse_address(text) for text in texts]
    if not addresses or any(a is None or not is_public(a) for a in addresses):
        raise UrlError(f"its host {origin.host} leads to an address that is not public")
    return [a for a in addresses if a is not None][:MOST]
