"""The servers of Hugging Face, or one server in place of both."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.http.credential import configured_origin
from callsheet.spec.web_origin import Origin

VARIABLE: Final = "CALLSHEET_HF_URL"


@dataclass(frozen=True, slots=True)
class Hosts:
    """hub: says which provider serves a model. router: passes requests on to the provider. trusted: servers
    that need not be public https, since the user named them."""

    hub: Origin
    router: Origin
    trusted: frozenset[Origin] = frozenset()


HUGGING_FACE: Final = Hosts(
    hub=Origin("https", "huggingface.co", 443), router=Origin("https", "router.huggingface.co", 443)
)


def hosts(environ: Mapping[str, str] = os.environ) -> Hosts:
    """Hugging Face's own, or the server that CALLSHEET_HF_URL names for both. Raises InputError."""
    url = environ.get(VARIABLE, "")
    return at(configured_origin(VARIABLE, url)) if url else HUGGING_FACE


def at(origin: Origin) -> Hosts:
    """One server for both."""
    return Hosts(origin, origin, frozenset((origin,)))
