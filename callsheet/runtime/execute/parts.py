"""Keeps the parts of local results, such as one clip of a film in the film's form."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callsheet.runtime import keys
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, Make

USES: Final = "part"
"""What the cache calls them."""


class StoredParts:
    """Parts in the store of a project, each under the digest of what it is made of.

    fresh: make each again, as `cache: refresh` asks for. Implements `Parts`; may be called in any thread.
    """

    def __init__(self, store: Store, cache: Cache, fresh: bool = False) -> None:
        self.store, self.cache, self.fresh = store, cache, fresh

    def __call__(self, what: Mapping[str, object], make: Make) -> Path:
        """The file made of `what`. Raises what `make` raises, and StoreError."""
        key = keys.digest({USES: what})
        found = None if self.fresh else self.cache.find(key)
        part = found.get(USES) if found else None
        if isinstance(part, Artifact):
            return part.path
        with self.store.workdir() as folder:
            make(folder / "part.mp4")
            kept = self.store.ingest(Made("video", folder / "part.mp4"))
        self.cache.record(key, {USES: kept}, USES)
        return kept.path
