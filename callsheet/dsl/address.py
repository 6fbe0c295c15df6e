"""Addresses taken apart: `act["one"]/clip["dawn"]` is `clip["dawn"]` in the recipe at `act["one"]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

STEP: Final = re.compile(r'(?:[^"/]|"(?:[^"\\]|\\.)*")+')
FIRST_KEY: Final = re.compile(r'([^"/\[]+)\["(?:[^"\\]|\\.)*"')
QUOTED: Final = re.compile(r'"((?:[^"\\]|\\.)*)"')


def steps(address: str) -> tuple[str, ...]:
    """The instance and, before it, the recipes that it is in, outermost first. Keys may have slashes."""
    return tuple(STEP.findall(address))


def node_of(address: str) -> str:
    """The node of an instance, with the recipes that it is in: `act/clip`."""
    return "/".join(step.partition("[")[0] for step in steps(address))


def elements(address: str) -> tuple[str, ...]:
    """The keys of the axes in an address: `("one", "dawn")`."""
    return tuple(key for step in steps(address) for key in _keys(step))


def without_first_key(address: str) -> str:
    """The address without the key of its first axis: `clip["a", "dawn"]#2` is `clip["dawn"]#2`."""
    found = FIRST_KEY.match(address)
    if found is None:
        return address
    rest = address[found.end() :]
    return found[1] + (rest[1:] if rest.startswith("]") else f"[{rest.lstrip(', ')}")


def words(address: str, keys: Sequence[str] = ()) -> str:
    """The address without its punctuation: `act-one-clip-dawn`. keys: what stands in place of each key."""
    others = iter(keys)
    parts = (
        "-".join((step.partition("[")[0], *(next(others, key) for key in _keys(step))))
        for step in steps(address)
    )
    return "-".join(parts)


def _keys(step: str) -> list[str]:
    return [re.sub(r"\\(.)", r"\1", key) for key in QUOTED.findall(step)]
