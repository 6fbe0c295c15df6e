"""What was made before, by key. Safe to delete: what is missing is made again.

<root>/index/ab/cdef….json    the outputs of one key, media by digest
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from callsheet.nodes.artifact import Artifact, Facts
from callsheet.runtime import disk
from callsheet.runtime.store import Store

Outputs = Mapping[str, object]


class Index:
    """The index beside a store."""

    def __init__(self, store: Store) -> None:
        self.store = store

    def find(self, key: str) -> Outputs | None:
        """The outputs recorded under `key`, if all their files are still there, whole."""
        try:
            outputs = self._decode(json.loads(self._path(key).read_bytes()))
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return outputs if isinstance(outputs, dict) and self._whole(outputs) else None

    def record(self, key: str, outputs: Outputs) -> None:
        """Remember `outputs` under `key`. Raises StoreError."""
        path = self._path(key)
        new = disk.temporary(self.store.root / "index")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise disk.explained(error, path) from error
        disk.write_new(new, [json.dumps(_encode(outputs)).encode()])
        disk.move(new, path)

    def _path(self, key: str) -> Path:
        return self.store.root / "index" / key[:2] / f"{key[2:]}.json"

    def _whole(self, value: object) -> bool:
        match value:
            case Artifact():
                return self.store.holds(value)
            case dict():
                return all(map(self._whole, value.values()))
            case list():
                return all(map(self._whole, value))
        return True

    def _decode(self, tagged: list[object]) -> object:
        match tagged:
            case ["media", dict(known)]:
                path = self.store.path(known["digest"], known["suffix"])
                facts = Facts(**known["facts"])
                return Artifact(known["kind"], path, known["digest"], facts, recipe=known["recipe"])
            case ["object", dict(fields)]:
                return {name: self._decode(value) for name, value in fields.items()}
            case ["list", list(items)]:
                return [self._decode(item) for item in items]
            case ["value", None | bool() | int() | float() | str() as value]:
                return value
        raise ValueError("not an index entry")


def _encode(value: object) -> list[object]:
    """`value` as JSON in pairs of tag and content, so that no text a model wrote can pass for media."""
    match value:
        case Artifact():
            known = {"kind": value.kind, "digest": value.digest, "suffix": value.path.suffix}
            return ["media", {**known, "facts": asdict(value.facts), "recipe": value.recipe}]
        case Mapping():
            return ["object", {str(name): _encode(v) for name, v in value.items()}]
        case list() | tuple():
            return ["list", [_encode(v) for v in value]]
    return ["value", value]
