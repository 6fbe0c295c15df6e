"""Endpoint ids of fal, and the URLs of their requests.

A submit goes to the whole id. Status, result and cancel use only owner and alias, and answer 405 to the whole
id (fal's API reference; four of five ids have more parts).
"""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import urlsplit

from callsheet.errors import NodeError
from callsheet.spec.web_origin import Origin, UrlError, origin_of

NAMESPACES: Final = ("workflows", "comfy")
PART: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*\Z")
LEGACY: Final = re.compile(r"(\d+)-([A-Za-z0-9][A-Za-z0-9._-]*)\Z")


def parts(endpoint: str) -> list[str]:
    """Split an id: namespace (if any), owner, alias, further parts. Raises NodeError for no id."""
    found = endpoint.split("/")
    if len(found) == 1 and (match := LEGACY.match(endpoint)):
        found = [match[1], match[2]]
    least = 3 if found[0] in NAMESPACES else 2
    if len(found) < least or not all(map(PART.match, found)):
        raise NodeError(f"{endpoint[:200]!r} is no endpoint of fal", "rejected", "write owner/alias/…")
    return found


def app(endpoint: str) -> str:
    """`fal-ai/veo3.1/fast` → `fal-ai/veo3.1`; `workflows/me/film/x` → `workflows/me/film`."""
    found = parts(endpoint)
    return "/".join(found[: 3 if found[0] in NAMESPACES else 2])


def submit_url(origin: Origin, endpoint: str) -> str:
    return f"{origin}/{'/'.join(parts(endpoint))}"


def request_url(origin: Origin, endpoint: str, request_id: str, action: str = "") -> str:
    """action: "status", "cancel", or "" for the result."""
    return f"{origin}/{app(endpoint)}/requests/{request_id}" + (f"/{action}" if action else "")


def is_own(url: str, origins: frozenset[Origin], request_id: str) -> bool:
    """Whether a URL from a reply is the provider's own and about this very request."""
    try:
        steps = urlsplit(url).path.split("/")
        return origin_of(url) in origins and request_id in steps and ".." not in steps
    except UrlError:
        return False
