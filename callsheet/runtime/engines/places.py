"""Finds the place of a run, and the one that a task names."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.project_folder import OWN, ProjectFolder
from callsheet.runtime.engines.scratch import scratch
from callsheet.runtime.engines.shared_place import SharedPlace
from callsheet.runtime.store.blobs import Store
from callsheet.spec.project import with_home

NOWHERE: Final = ""
"""The location for a task without media."""
SCRATCH: Final = 10 * 2**30
"""Bytes that a worker keeps of a shared store at most."""


def place_for(own: Store, shared: str) -> Place:
    """The place of a run. own: the store of its project. shared: the folder or URL of a shared store, "" for
    none. Raises InputError when no installed backend reaches it, StoreError."""
    own.prepare()
    if not shared:
        return ProjectFolder(own)
    return SharedPlace(shared if "://" in shared else str(with_home(shared).absolute()), own)


def place_at(location: str) -> Place:
    """The place that a task names, for a worker. Raises InputError when no installed backend reaches it."""
    if location == NOWHERE:
        return ProjectFolder(scratch())
    if location.startswith(OWN):
        return ProjectFolder(Store(Path(location.removeprefix(OWN))))
    return SharedPlace(location, scratch(), SCRATCH)
