"""Which network addresses a result file may be fetched from: public unicast ones, and no others.

`ipaddress.is_global` accepts several ranges that can lead to this network (multicast, NAT64, 6to4, IPv4
embedded in IPv6), and differs between Python versions. Of IPv6 only 2000::/3 is assigned to the public
(IANA's registry); that excludes every embedding but 6to4 and Teredo.
"""

from __future__ import annotations

from functools import lru_cache
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final

Address = IPv4Address | IPv6Address

UNICAST: Final = IPv6Network("2000::/3")
NOT_PUBLIC: Final = tuple(
    ip_network(net)
    for net in (
        "0.0.0.0/8",
        "100.64.0.0/10",
        "192.0.0.0/24",
        "192.88.99.0/24",
        "198.18.0.0/15",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",
        "2001:db8::/32",
        "2002::/16",
        "3fff::/20",
    )
)


def is_public(address: Address) -> bool:
    """Whether `address` is a public unicast address of the internet."""
    if isinstance(address, IPv6Address) and (address not in UNICAST or address.scope_id):
        return False
    listed = any(address in net for net in NOT_PUBLIC if net.version == address.version)
    return address.is_global and not listed


@lru_cache(1024)
def parse_address(text: str) -> Address | None:
    """The address that `text` writes in its usual form (`10.0.0.1`, `::1`), or None."""
    try:
        return ip_address(text)
    except ValueError:
        return None
