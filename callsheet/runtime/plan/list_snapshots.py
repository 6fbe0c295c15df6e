"""Outputs that axes range over, kept as the graph of a run grew with them.

A run that takes up one which was not done grows as that one did, even if the output was made anew meanwhile:
the same elements in the same order. A run that was done leaves the next one free where the node says
`cache: refresh`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass

from callsheet.runtime.ledger import Frozen, Ledger, LedgerReader
from callsheet.spec.media import Artifact
from callsheet.spec.values import Place, Ref, map_placed

ReadSnapshot = Callable[[str, str], str | None]
"""Key and output → what the newest run to grow with it grew with."""


@dataclass(frozen=True, slots=True)
class ListSnapshots:
    """What a run that buys grows with, in its ledger."""

    ledger: Ledger
    run: int

    async def settled(self, key: str, output: str, value: str, keep: bool) -> str:
        """`value`, which came of the call with this key just now, or what stands in its place.

        keep: a result like this is used again, so that there is nothing new about `value`.
        """
        before = await self.ledger.frozen(key, output)
        if before is not None and (keep or before.run == self.run or before.status != "done"):
            value = before.value
        await self.ledger.freeze(Frozen(key, output, self.run, value))
        return value


def snapshots_in(ledger: LedgerReader | None) -> ReadSnapshot:
    """Finds what earlier runs grew with in `ledger`; nothing without one."""

    def snapshot(key: str, output: str) -> str | None:
        found = ledger.frozen(key, output) if ledger else None
        return found.value if found else None

    return snapshot


def referenced(value: object, ref: Ref) -> object:
    """The value with a reference in place of each medium; `ref` leads to all of it."""

    def change(place: Place, leaf: object) -> object:
        return Ref(ref.address, place) if isinstance(leaf, Artifact) else leaf

    return map_placed(value, change, ref.path)


def to_text(value: object) -> str:
    """A value with references as JSON. Lists, objects and references are told apart by their first
    element, so that no text of a model's can look like one."""
    return json.dumps(_tagged(value), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, address: str) -> object:
    """The value again; references in it lead to the instance at `address`."""
    return _untagged(json.loads(text), address)


def _tagged(value: object) -> object:
    match value:
        case Ref(_, path):
            return ["ref", list(path)]
        case dict():
            return ["object", {k: _tagged(v) for k, v in value.items()}]
        case list():
            return ["list", [_tagged(v) for v in value]]
    return value


def _untagged(value: object, address: str) -> object:
    match value:
        case ["ref", list(path)]:
            return Ref(address, tuple(path))
        case ["object", dict(fields)]:
            return {k: _untagged(v, address) for k, v in fields.items()}
        case ["list", list(items)]:
            return [_untagged(v, address) for v in items]
    return value
