"""The list of providers: the built-in ones, one line each, and those of installed packages."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import PlugInError
from callsheet.nodes.queue.provider import Provider, alternatives
from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.redacted import RedactedQueue

OWN: Final[dict[str, str]] = {
    "fal": "callsheet.nodes.fal.provider:FAL",
    "huggingface": "callsheet.nodes.huggingface.provider:HUGGING_FACE",
}
"""Name → `module:object`, as in an entry point. A module is imported when its provider is first asked."""

PAID_NODES: Final = "/nodes"
"""How the names of providers end that stand for the nodes of a plug-in that cost money."""


def provider_called(name: str, received: Path | None = None) -> Provider:
    """The provider `name`. received: where a plug-in's paid nodes keep results until they are stored.

    Raises PlugInError when it is neither ours nor installed.
    """
    if place := OWN.get(name):
        module, _, attribute = place.partition(":")
        found: Provider = getattr(import_module(module), attribute)
        return found
    if name.endswith(PAID_NODES):
        from callsheet.nodes.plugins.paid import PaidNodes

        return PaidNodes(name, received)
    from callsheet.nodes.plugins.provider import installed_provider

    return installed_provider(name)


def queue_of(name: str, received: Path | None = None) -> RedactedQueue:
    """A new queue of the provider `name`, which shows no key in what it says. received: as for
    `provider_called`. Raises PlugInError."""
    from callsheet.nodes.queue.redacted import RedactedQueue

    provider = provider_called(name, received)
    return RedactedQueue(provider.queue(), lambda: values_of([provider]), foreign=name not in OWN)


def package_of(name: str) -> str:
    """`aqua-callsheet 0.3.0`, the installed package that brings the provider `name`; "" for our own, and
    where none does."""
    from callsheet.nodes.plugins.provider import package_of_provider

    if name.endswith(PAID_NODES):
        from callsheet.nodes.plugins.paid import package_of_nodes

        return package_of_nodes(name)
    return "" if name in OWN else package_of_provider(name)


def every_provider() -> tuple[str, ...]:
    """The names of our own providers and of the installed ones that work."""
    from callsheet.nodes.plugins.provider import installed_providers

    return tuple(dict.fromkeys((*OWN, *installed_providers())))


def find_own(uses: str) -> NodeSpec | None:
    """The endpoint `uses` of the first of our own providers that offers it, or None."""
    return next((spec for name in OWN if (spec := provider_called(name).find(uses))), None)


def missing(name: str, environ: Mapping[str, str] = os.environ) -> str:
    """The variable to set for the provider `name`, or "" when its key is there. Raises PlugInError."""
    sets = alternatives(provider_called(name))
    unset = [[n for n in names if not environ.get(n, "").strip()] for names in sets]
    return unset[0][0] if all(unset) else ""


def secrets(names: Iterable[str] = (), environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The live values of the keys of our own providers and of those in `names`, which must not be shown."""
    providers = [provider_called(name) for name in OWN] + [p for name in names if (p := _working(name))]
    return values_of(providers, environ)


def values_of(providers: Iterable[Provider], environ: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """The live values of the keys of these providers."""
    variables = {name for provider in providers for names in alternatives(provider) for name in names}
    return tuple(value for name in sorted(variables) if (value := environ.get(name, "").strip()))


def keys_of_providers() -> tuple[str, ...]:
    """The environment variables of the keys of our own providers and of the installed ones."""
    found = (p for name in every_provider() if (p := _working(name)))
    return tuple(dict.fromkeys(v for provider in found for names in alternatives(provider) for v in names))


def _working(name: str) -> Provider | None:
    try:
        return provider_called(name)
    except PlugInError:
        return None
