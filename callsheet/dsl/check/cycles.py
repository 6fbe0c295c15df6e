"""Circles among instances, shown as a path."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.graph import Instance


def find_cycle(instances: Mapping[str, Instance]) -> list[str] | None:
    """A circle as [a, b, …, a], starting at its first instance in the file, or None."""
    done: set[str] = set()
    for root in instances:
        path: dict[str, None] = {}
        stack = [] if root in done else [(root, iter(instances[root].needs))]
        path.update(dict.fromkeys(address for address, _ in stack))
        while stack:
            address, needs = stack[-1]
            following = next((n for n in needs if n not in done and n in instances), None)
            if following is None:
                stack.pop()
                path.pop(address)
                done.add(address)
            elif following in path:
                return _from_first([*path][[*path].index(following) :], list(instances))
            else:
                path[following] = None
                stack.append((following, iter(instances[following].needs)))
    return None


def shown(circle: list[str]) -> str:
    """A circle in one line; of a long one its ends."""
    return " → ".join(circle if len(circle) <= 8 else [*circle[:4], "…", *circle[-3:]])


def _from_first(circle: list[str], order: list[str]) -> list[str]:
    places = {address: i for i, address in enumerate(order)}
    start = min(range(len(circle)), key=lambda i: places[circle[i]])
    turned = circle[start:] + circle[:start]
    return [*turned, turned[0]]
