"""The URL of a shared store: what of it may be shown, and whether a key is in it."""

from __future__ import annotations

from urllib.parse import urlsplit


def title_of(url: str) -> str:
    """A URL without user, password and query, which may be secret."""
    parts = urlsplit(url)
    if has_key(url) and "@" not in parts.netloc:  # a key with a slash in it
        return f"{parts.scheme}://{url.partition('://')[2].rpartition('@')[2].partition('?')[0]}"
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()


def has_key(url: str) -> bool:
    """Whether a URL has a user or a key in front of its host or bucket."""
    first = urlsplit(url).netloc
    return "@" in first or (":" in first and not first.rpartition(":")[2].isdecimal())
