"""Lists what installed plug-ins bring. Only listings need it: a pipeline imports what it names alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.installed import NODES, entry_point, find_node, names, package
from callsheet.nodes.plugins.provider import PROVIDERS, find_endpoint, installed_provider
from callsheet.nodes.queue.provider import ListsEndpoints
from callsheet.spec.node import NodeSpec


def installed() -> list[NodeSpec]:
    """Every node and endpoint of installed plug-ins; what cannot be used is left out."""
    return [*_nodes(), *_endpoints()]


def packages() -> dict[str, str]:
    """Name of each plug-in → name and version of its package. Imports nothing."""
    found: dict[str, str] = {}
    for group in (NODES, PROVIDERS):
        for name in names(group):
            try:
                entry = entry_point(group, name)
            except PlugInError:
                continue
            found[name] = package(entry) if entry else ""
    return found


def broken() -> dict[str, PlugInError]:
    """Name of a plug-in that cannot be used → what is wrong with it."""
    found: dict[str, PlugInError] = {}
    for plugin in names():
        try:
            if entry := entry_point(NODES, plugin):
                load.imported(f"the plug-in `{plugin}`", entry.module)
        except PlugInError as error:
            found[plugin] = error
    for name in names(PROVIDERS):
        try:
            installed_provider(name)
        except PlugInError as error:
            found[name] = error
    return found


def unusable() -> dict[str, PlugInError]:
    """`<plug-in>/<function>` of each function that cannot be a node → what is wrong with it."""
    found: dict[str, PlugInError] = {}
    for uses in _functions():
        try:
            find_node(uses)
        except PlugInError as error:
            found[uses] = error
    return found


def _functions() -> Iterator[str]:
    """`<plug-in>/<function>` for all functions of the plug-ins that can be imported."""
    for plugin in names():
        try:
            entry = entry_point(NODES, plugin)
            module = load.imported(f"the plug-in `{plugin}`", entry.module) if entry else None
        except PlugInError:
            continue
        for function in load.functions(module) if module else ():
            yield f"{plugin}/{function}"


def _nodes() -> Iterator[NodeSpec]:
    for uses in _functions():
        yield from _usable(find_node, uses)


def _endpoints() -> Iterator[NodeSpec]:
    for name in names(PROVIDERS):
        try:
            provider = installed_provider(name)
            told = tuple(provider.endpoints()) if isinstance(provider, ListsEndpoints) else ()
        except Exception:  # whatever a plug-in raises is no reason to list nothing
            continue
        for uses in told:
            yield from _usable(find_endpoint, uses)


def _usable(find: Callable[[str], NodeSpec | None], uses: str) -> Iterator[NodeSpec]:
    try:
        spec = find(uses)
    except PlugInError:
        return
    if spec is not None:
        yield spec
