"""Placeholder outputs for instances that could not be made: media on which the reason is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from callsheet.runtime import keys
from callsheet.runtime.store.blobs import Store
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import NOTHING, ListOf, Maybe, Media, MediaKind, OneOf, Record, Type


@dataclass(frozen=True, slots=True)
class MissingInstance:
    """An instance that could not be made. facts: output name → what was expected. reason: one sentence."""

    address: str
    spec: NodeSpec
    facts: Mapping[str, Facts]
    reason: str


def placeholders(lost: MissingInstance, store: Store) -> Mapping[str, object]:
    """The outputs that `lost` would have had, with a placeholder for each medium. Values that are no media
    are left out.

    Placeholders are stored under a key of their own: the same failure for the same reason gives the same
    file. Raises NodeError, StoreError.
    """
    with store.workdir() as folder:
        drawn = {name: _drawn(lost, name, t, store, folder) for name, t in lost.spec.outputs.items()}
    return {name: value for name, value in drawn.items() if value is not NOTHING}


def _drawn(lost: MissingInstance, output: str, t: Type, store: Store, folder: Path) -> object:
    match t:
        case Media("image" | "video" | "audio" as kind):
            return _slate(lost, output, kind, store, folder)
        case Maybe(inner):
            return _drawn(lost, output, inner, store, folder)
        case OneOf(options):
            return _drawn(lost, output, options[0], store, folder)
        case ListOf(item):
            value = _drawn(lost, output, item, store, folder)
            return NOTHING if value is NOTHING else [value]
        case Record(fields):
            values = {name: _drawn(lost, output, f.type, store, folder) for name, f in fields.items()}
            return {name: value for name, value in values.items() if value is not NOTHING} or NOTHING
    return NOTHING


def _slate(lost: MissingInstance, output: str, kind: MediaKind, store: Store, folder: Path) -> Artifact:
    from callsheet.nodes.preview import missing

    facts = lost.facts.get(output, Facts())
    made = missing.slate(kind, facts, lost.address, lost.reason, folder / output)
    recipe = {
        "slate": missing.VERSION,
        "kind": kind,
        "facts": asdict(facts),
        "shown": [lost.address, lost.spec.uses, lost.reason],
    }
    return store.ingest(made, keys.digest(recipe))
