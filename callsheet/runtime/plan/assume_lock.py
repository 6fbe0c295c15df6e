"""The outputs that a lock file names, without their files: enough to compute the keys of what depends on
them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime import keys
from callsheet.runtime.lock.model import Lock
from callsheet.runtime.plan.history import Find
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, ListOf, Maybe, Media, Type


class UnknownFacts(Facts):
    """Facts of a medium that is only named in a lock file. Raises NodeError when one is asked for."""

    def __getattribute__(self, name: str) -> object:
        raise NodeError(f"a lock does not tell {name}", "local")


UNKNOWN_FACTS: Final = UnknownFacts()


class NotInLock(Exception):
    """The lock file does not have enough to rebuild this output."""


class LockedOutputs(dict[str, object]):
    """Outputs by name. Raises NodeError for an output that is not known, instead of treating it as absent:
    one that the lock file does not have, or a value of a local result that is still to be made."""

    def __init__(self, told: Mapping[str, object], untold: frozenset[str]) -> None:
        super().__init__(told)
        self.untold = untold

    def __contains__(self, name: object) -> bool:
        if name in self.untold:
            raise NodeError(f"a lock does not tell {name}", "local")
        return super().__contains__(name)


def outputs_in_lock(lock: Lock) -> Find:
    """Returns a function that finds outputs by key in `lock`, as `LockedOutputs`. Their media have a digest
    and no file."""
    pinned = {key: made.outputs for key, made in lock.named().items()}

    def find(key: str, spec: NodeSpec) -> Outputs | None:
        return _outputs(key, spec, pinned[key]) if key in pinned else None

    return find


def _outputs(key: str, spec: NodeSpec, pinned: Mapping[str, str]) -> LockedOutputs:
    told: dict[str, object] = {}
    untold: set[str] = set()
    for name, t in spec.outputs.items():
        try:
            value = _value(t, name, key, spec, pinned)
        except NotInLock:
            untold.add(name)
            continue
        if value is not NOTHING:
            told[name] = value
    return LockedOutputs(told, frozenset(untold))


def _value(t: Type, place: str, key: str, spec: NodeSpec, pinned: Mapping[str, str]) -> object:
    match t:
        case Maybe(inner):
            there = any(name == place or name.startswith((f"{place}[", f"{place}.")) for name in pinned)
            return _value(inner, place, key, spec, pinned) if there else NOTHING
        case Media(kind) if place in pinned:
            return Artifact(kind, Path(), pinned[place], UNKNOWN_FACTS, recipe=keys.recipe(spec, key, place))
        case ListOf(item) if place not in pinned:
            count = next(i for i in range(len(pinned) + 1) if f"{place}[{i}]" not in pinned)
            return [_value(item, f"{place}[{i}]", key, spec, pinned) for i in range(count)]
    raise NotInLock
