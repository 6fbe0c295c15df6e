"""The address of a person's own service that a provider calls when a request is over."""

from __future__ import annotations

from urllib.parse import quote

from callsheet.errors import InputError
from callsheet.spec.web_origin import UrlError, fetchable, origin_of


def require_callable(url: str) -> None:
    """Raises InputError unless the address is https on a public host, or lies on this machine, where the
    emulator calls it."""
    try:
        if not origin_of(url).is_loopback:
            fetchable(url)
    except UrlError as error:
        raise InputError(
            f"the webhook cannot be called: {error}",
            "give the https address of a service that the provider can reach",
        ) from None


def with_webhook(url: str, webhook: str) -> str:
    """The URL of a submit that also names the webhook, as fal takes it; without one, as it is."""
    if not webhook:
        return url
    return f"{url}{'&' if '?' in url else '?'}fal_webhook={quote(webhook, safe='')}"
