"""Finds what later nodes look up by the texts of an answer: `face[line.who]`, `at(tail, shot.parent)`.

A preview invents answers, and these texts have to be keys that are there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.dsl.graph import Graph, Instance
from callsheet.spec.look_up import LookUp
from callsheet.spec.values import Deferred, Ref, leaves

NAME: Final = r"[A-Za-z_]\w*"
INDEXED: Final = re.compile(rf"({NAME}(?:\.{NAME})?)\[({NAME}(?:\.{NAME})+)\]")
CALLED: Final = re.compile(rf"\bat\(\s*({NAME}(?:\.{NAME})?)\s*,\s*({NAME}(?:\.{NAME})+)\s*\)")
IDS: Final = ("id", "key", "name", "slug")

Names = tuple[str, ...]
Found = dict[str, dict[Names, LookUp]]


def look_ups(graph: Graph) -> Mapping[str, Mapping[Names, LookUp]]:
    """Node → names of the fields that lead to a text in its outputs → what that text looks up."""
    found: Found = {}
    lists = _lists(graph)
    for base, text in _uses(graph):
        head, *rest = text.split(".")
        node, before = lists.get(head, (head, ()))
        known = _keys(graph, base, lists, head)
        if known is not None:
            found.setdefault(node, {})[(*before, *rest)] = known
    return found


def _uses(graph: Graph) -> Iterator[tuple[str, str]]:
    """What is looked up in what: ("face", "line.who")."""
    samples = (one.sample for one in graph.dynamic.unknown()) if graph.dynamic else ()
    for instance in (*graph.instances.values(), *samples):
        for text in _texts(instance):
            for pattern in (INDEXED, CALLED):
                yield from ((match[1], match[2]) for match in pattern.finditer(text))


def _texts(instance: Instance) -> Iterator[str]:
    trees = (instance.params, *(other.params for other in instance.alternatives))
    return (leaf.text for tree in trees for leaf in leaves(tree, Deferred) if leaf.text)


def _lists(graph: Graph) -> dict[str, tuple[str, Names]]:
    """Axis over a list that is not known yet → the node that makes the list, and where in its outputs."""
    pending = graph.dynamic.pending.values() if graph.dynamic else ()
    return {
        one.axis: (_node(one.tree.address), tuple(step for step in one.tree.path if isinstance(step, str)))
        for one in pending
        if isinstance(one.tree, Ref)
    }


def _node(address: str) -> str:
    return re.sub(r"\[[^\]]*\]", "", address)


def _keys(graph: Graph, base: str, lists: Mapping[str, object], head: str) -> LookUp | None:
    """What is found under `base`, which is an input or a node."""
    if base.startswith("inputs."):
        value = graph.dynamic.inputs.get(base.removeprefix("inputs.")) if graph.dynamic else None
        keys = _keys_of(value)
        return LookUp(keys) if keys else None
    own = base.partition(".")[0]
    if (keys := _instances(graph, own)) and head != own:
        return LookUp(keys)
    waiting = graph.dynamic.unknown() if graph.dynamic else ()
    return LookUp(siblings=True) if head in lists and any(one.node == own for one in waiting) else None


def _instances(graph: Graph, node: str) -> tuple[str, ...]:
    found = (one.key[-1] for one in graph.instances.values() if one.node == node and one.key)
    return tuple(dict.fromkeys(found))


def _keys_of(value: object) -> tuple[str, ...]:
    """The keys of an object, or the ids of a list of objects."""
    if isinstance(value, Mapping):
        return tuple(map(str, value))
    if not isinstance(value, list) or not all(isinstance(item, Mapping) for item in value):
        return ()
    name = next((n for n in IDS if value and all(isinstance(item.get(n), str) for item in value)), "")
    return tuple(item[name] for item in value) if name else ()
