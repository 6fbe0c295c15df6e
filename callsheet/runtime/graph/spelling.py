"""Addresses as shells leave them.

PowerShell takes the quotes out of `clip["dawn"]`, cmd.exe leaves those around it, people type `clip.dawn` or
`clip['dawn']`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from callsheet.dsl.axes.scope import address
from callsheet.dsl.graph import Graph, Instance

KEYS: Final = re.compile(r"\[([^\[\]]*)\]")


def spelled(graph: Graph, name: str) -> str:
    """The address, node, output or element of an axis that `name` means; `name` itself where it means none,
    or more than one."""
    return name if name in graph.instances else meant(_names(graph), name)


def meant(names: Iterable[str], name: str) -> str:
    """The one of `names` that `name` means; `name` itself where it means none, or more than one."""
    known = set(names)
    if name in known:
        return name
    meant = plain(name)
    near = {one for one in known if plain(one) == meant}
    return near.pop() if len(near) == 1 else name


def _names(graph: Graph) -> Iterator[str]:
    yield from graph.skipped
    yield from graph.outputs
    for instance in graph.instances.values():
        yield from (instance.address, instance.base, instance.node)
        yield from elements_of(instance)


def elements_of(instance: Instance) -> Iterator[str]:
    """The elements of axes that an instance is at: `shot["dawn"]`."""
    for axis, key in zip(instance.axes, instance.key, strict=False):
        yield address(axis, [key])


def plain(name: str) -> str:
    """A name without what shells take away: `clip["dawn", "noir"]` is `clip.dawn.noir`."""
    text = name.strip().strip("'")
    return KEYS.sub(lambda found: "." + ".".join(map(_bare, found[1].split(","))), text)


def _bare(key: str) -> str:
    return key.strip().strip("\"'").replace('\\"', '"').replace("\\\\", "\\")
