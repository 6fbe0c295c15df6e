"""The servers of fal, or one server in place of all of them."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.http.credential import configured_origin
from callsheet.spec.web_origin import Origin

VARIABLE: Final = "CALLSHEET_FAL_URL"


SITE: Final = Origin("https", "fal.ai", 443)


@dataclass(frozen=True, slots=True)
class Hosts:
    """queue: the usual server, then the backup. cdn: uploads go to the first. site: has the endpoints'
    documents, without a key. trusted: servers that need not be public https, since the user named them.
    """

    queue: tuple[Origin, ...]
    rest: Origin
    cdn: tuple[Origin, ...]
    platform: Origin
    trusted: frozenset[Origin] = frozenset()
    site: Origin = SITE

    @property
    def with_key(self) -> frozenset[Origin]:
        """The servers that may get the user's key. The CDN is not one of them: it uses tokens."""
        return frozenset((*self.queue, self.rest, self.platform))


def _https(host: str) -> Origin:
    return Origin("https", host, 443)


FAL: Final = Hosts(
    queue=(_https("queue.fal.run"), _https("queue.falrun.com")),
    rest=_https("rest.fal.ai"),
    cdn=(_https("v3.fal.media"), _https("v3b.fal.media")),
    platform=_https("api.fal.ai"),
)


def hosts(environ: Mapping[str, str] = os.environ) -> Hosts:
    """fal's own, or the server that CALLSHEET_FAL_URL names for everything. Raises InputError."""
    url = environ.get(VARIABLE, "")
    return at(configured_origin(VARIABLE, url)) if url else FAL


def at(origin: Origin) -> Hosts:
    """One server for everything."""
    return Hosts((origin,), origin, (origin,), origin, frozenset((origin,)), origin)
