"""Finds installed plug-ins by their entry points; imports one only when a pipeline names it."""

from __future__ import annotations

import re
from dataclasses import replace
from importlib.metadata import EntryPoint, entry_points
from typing import Final

from callsheet.errors import PlugInError
from callsheet.nodes.plugins import load
from callsheet.nodes.plugins.node import node_spec
from callsheet.spec.node import NodeSpec

NODES: Final = "callsheet.nodes"
NAME: Final = re.compile(r"(?P<plugin>[A-Za-z][\w.-]*)/(?P<node>[A-Za-z]\w*)\Z")


def find_node(uses: str) -> NodeSpec | None:
    """The node `<plug-in>/<function>`, or None when no such plug-in is installed. Raises PlugInError."""
    match = NAME.match(uses)
    entry = entry_point(NODES, match["plugin"]) if match else None
    if match is None or entry is None:
        return None
    what = f"the plug-in `{match['plugin']}`"
    module = load.imported(what, entry.module)
    function = load.function_in(module, match["node"], what)
    release = entry.dist.version if entry.dist else ""
    root = load.root_of(entry.module)
    version = load.function_version(function)
    spec = node_spec(uses, function, f"{release} {version.plain}".strip(), root, package(entry))
    return replace(spec, crlf_version=f"{release} {version.crlf}".strip() if version.crlf else "")


def entry_point(group: str, name: str) -> EntryPoint | None:
    """The entry point of an installed package. Raises PlugInError when two packages have one of that name."""
    found = tuple(dict.fromkeys(entry_points(group=group, name=name)))
    if len({e.value for e in found}) > 1:
        owners = " and ".join(sorted(e.dist.name if e.dist else e.value for e in found))
        raise PlugInError(f"two packages call a plug-in `{name}`: {owners}", "uninstall one of them")
    return found[0] if found else None


def package(entry: EntryPoint) -> str:
    """`stagehand-slates 1.0`, the name and version of the package of an entry point; "" for none."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else ""


def names(group: str = NODES) -> tuple[str, ...]:
    """The names of the installed plug-ins of a group, sorted; none is imported."""
    return tuple(sorted({entry.name for entry in entry_points(group=group)}))
