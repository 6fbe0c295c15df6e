"""Providers from other packages: a catalogue of their own, and a queue that is paid for by this ledger."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, Protocol, runtime_checkable

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.failure import words
from callsheet.nodes.plugins.installed import entry_point, names
from callsheet.spec.node import NodeSpec

if TYPE_CHECKING:
    from callsheet.nodes.queue.request_queue import RequestQueue

PROVIDERS: Final = "callsheet.providers"


@runtime_checkable
class Provider(Protocol):
    """The object that an entry point of `callsheet.providers` names; its name is the provider's.

    variables: the environment variables that hold its key. find: what it offers under `<name>/…`. queue:
    a new one, for one run; its `name` is the provider's.
    """

    @property
    def variables(self) -> Sequence[str]: ...
    def find(self, uses: str, /) -> NodeSpec | None: ...
    def queue(self) -> RequestQueue: ...


def find_endpoint(uses: str) -> NodeSpec | None:
    """The endpoint `<provider>/…`, or None when no such provider is installed. Raises PlugInError."""
    name, slash, _ = uses.partition("/")
    if not slash or entry_point(PROVIDERS, name) is None:
        return None
    provider = provider_called(name)
    try:
        spec = provider.find(uses)
    except Exception as error:
        raise PlugInError(f"the provider `{name}` broke on `{uses}`: {words(error)}") from error
    return replace(spec, uses=uses, provider=name) if spec else None


def provider_called(name: str) -> Provider:
    """The installed provider `name`. Raises PlugInError."""
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


def installed_providers() -> tuple[str, ...]:
    """The names of the installed providers that can be used; a broken one keeps nobody from the others."""
    return tuple(name for name in names(PROVIDERS) if _works(name))


def _works(name: str) -> bool:
    try:
        provider_called(name)
    except PlugInError:
        return False
    return True
