"""Keeps the parts of local results, such as one clip of a film in the film's form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callsheet.runtime.engines.parts import USES, part_key
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, Make


class StoredParts:
    """Parts in the store of a project, each under the digest of what it is made of.

    fresh: make each again, as `cache: refresh` asks for. Implements `Parts` and
    `KeptParts`; may be called in any thread.
    """

    def __init__(self, store: Store, cache: Cache, fresh: bool = False) -> None:
        self.store, self.cache, self.fresh = store, cache, fresh

    def __call__(self, what: Mapping[str, object], make: Make) -> Path:
        """The file made of `what`. Raises what `make` raises, and StoreError."""
        key = part_key(what)
        part = self.find(key)
        if part is None:
            with self.store.workdir() as folder:
                make(folder / "part.mp4")
                part = self.keep(key, Made("video", folder / "part.mp4"))
        return part.path

    def find(self, key: str) -> Artifact | None:
        """The part with this key, if it is there."""
        found = None if self.fresh else self.cache.find(key)
        part = found.get(USES) if found else None
        return part if isinstance(part, Artifact) else None

    def keep(self, key: str, made: Made) -> Artifact:
        """Store a part. Raises NodeError, StoreError."""
        kept = self.store.ingest(made)
        self.cache.record(key, {USES: kept}, USES)
        return kept
