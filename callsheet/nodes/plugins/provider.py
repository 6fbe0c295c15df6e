"""Finds the providers of installed packages by their entry points; imports one only when it is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.failure import words
from callsheet.nodes.plugins.installed import entry_point, names, package
from callsheet.nodes.plugins.node import require_counted
from callsheet.nodes.queue.provider import Provider
from callsheet.spec.node import NodeSpec

PROVIDERS: Final = "callsheet.providers"
"""The group of entry points; an entry names an object that is a `Provider`."""


def find_endpoint(uses: str) -> NodeSpec | None:
    """The endpoint `<provider>/…`, or None when no such provider is installed. Raises PlugInError."""
    name, slash, _ = uses.partition("/")
    if not slash or entry_point(PROVIDERS, name) is None:
        return None
    provider = installed_provider(name)
    try:
        spec = provider.find(uses)
    except Exception as error:
        raise PlugInError(f"the provider `{name}` broke on `{uses}`: {words(error)}") from error
    if spec is None:
        return None
    require_counted(uses, spec.price)
    return replace(spec, uses=uses, provider=name)


def installed_provider(name: str) -> Provider:
    """The provider `name` of an installed package. Raises PlugInError."""
    entry = entry_point(PROVIDERS, name)
    if entry is None:
        raise PlugInError(f"the provider `{name}` is not installed", "install the package that brings it")
    found: object = load.imported(f"the provider `{name}`", entry.module)
    for attribute in entry.attr.split(".") if entry.attr else ():
        found = getattr(found, attribute, None)
    if not isinstance(found, Provider):
        raise PlugInError(
            f"the provider `{name}` has no `variables`, `find` and `queue`", "see docs/plugins.md"
        )
    return found


def package_of_provider(name: str) -> str:
    """The name and version of the package that brings the provider `name`; "" for none. Imports nothing."""
    try:
        entry = entry_point(PROVIDERS, name)
    except PlugInError:
        return ""
    return package(entry) if entry else ""


def installed_providers() -> tuple[str, ...]:
    """The names of the installed providers that can be used; a broken one is left out."""
    return tuple(name for name in names(PROVIDERS) if _works(name))


def _works(name: str) -> bool:
    try:
        installed_provider(name)
    except PlugInError:
        return False
    return True
