"""Keeps the lists that axes range over, as a run used them.

A run that continues an unfinished one uses the same lists in the same order, even if the output was made
again meanwhile. After a finished run, `cache: refresh` gives a new list.
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
    """The lists that a paid run uses, in its ledger."""

    ledger: Ledger
    run: int

    async def settled(self, key: str, output: str, value: str, keep: bool) -> str:
        """The list to use: `value`, which was just made under `key`, or the one that an unfinished run used.

        keep: results of this node are reused, so an earlier list is kept in any case.
        """
        before = await self.ledger.frozen(key, output)
        if before is not None and (keep or before.run == self.run or before.status != "done"):
            value = before.value
        await self.ledger.freeze(Frozen(key, output, self.run, value))
        return value


def snapshots_in(ledger: LedgerReader | None) -> ReadSnapshot:
    """Returns a function that finds the lists of earlier runs in `ledger`; it finds nothing without one."""

    def snapshot(key: str, output: str) -> str | None:
        found = ledger.frozen(key, output) if ledger else None
        return found.value if found else None

    return snapshot


def referenced(value: object, ref: Ref) -> object:
    """`value` with a reference in place of each medium. ref: leads to `value` itself."""

    def change(place: Place, leaf: object) -> object:
        return Ref(ref.address, place) if isinstance(leaf, Artifact) else leaf

    return map_placed(value, change, ref.path)


def to_text(value: object) -> str:
    """A value with references as JSON. Lists, objects and references are marked, so that a model's text is
    never taken for one."""
    return json.dumps(_tagged(value), ensure_ascii=False, separators=(",", ":"))


def from_text(text: str, address: str) -> object:
    """The value that `to_text` wrote. address: of the instance that references lead to."""
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
