"""Removes what a search found in a shared store, and what somebody needs by now stays.

What names others goes first, one folder after the other, so that whenever it is interrupted, nothing that is
left names a file that is gone. Before each batch the store is asked again what films need.
"""

from __future__ import annotations

from itertools import groupby
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.gc import locks_in
from callsheet.runtime.remote_store.backend import Missing, Unreachable
from callsheet.runtime.remote_store.blob_names import BLOBS
from callsheet.runtime.remote_store.needs import FOLDER, Need, place_of, put_need
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.shared_gc.names import SAYING, about, folder_of
from callsheet.runtime.shared_gc.needed import needed_by_films, texts_among
from callsheet.runtime.shared_gc.search import SharedSearch
from callsheet.runtime.shared_gc.texts import named_by
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import LOCK

BATCH: Final = 1000
"""Files that are removed before the store is asked again."""


def remove_shared(search: SharedSearch, workspace: Workspace) -> int:
    """Remove what was found, and the texts that do not count any more; say first what the films of this
    project need. Returns how many files were removed.

    Raises InputError where the store does not let them be removed; what is gone by then nobody needs.
    """
    removing = Removing(search)
    try:
        for path in locks_in(workspace.root):
            pipeline = path.with_name(f"{path.name.removesuffix(LOCK)}.yaml")
            put_need(search.backend, place_of(pipeline), path.read_bytes())
        removing.files()
        search.backend.remove(_former(search))
    except (Unreachable, Missing, Refused) as error:
        count = len(search.garbage.going)
        said = f"{removing.count} of {count} files were removed from the shared store: {error}"
        raise InputError(said, error.next_step if isinstance(error, Unreachable) else "") from error
    return removing.count


class Removing:
    """Removes the files of a search. count: how many it has removed."""

    def __init__(self, search: SharedSearch) -> None:
        self.count = 0
        self._search = search
        self._needed: set[str] = set()

    def files(self) -> None:
        """Remove them all. Raises Unreachable, Missing, Refused, InputError."""
        names = (entry.name for entry in self._search.garbage.going)
        for folder, those in groupby(names, key=folder_of):
            if folder == BLOBS:
                self._needed |= _named_since(self._search)
            self._batches([*those])

    def _batches(self, names: list[str]) -> None:
        for start in range(0, len(names), BATCH):
            self._needed |= _needed_since(self._search)
            batch = [name for name in names[start : start + BATCH] if about(name) not in self._needed]
            self._search.backend.remove(batch)
            self.count += len(batch)


def _needed_since(search: SharedSearch) -> set[str]:
    """What texts name that were put there, or renewed, since the search."""
    counted, _ = _texts_now(search)
    return needed_by_films([need for need in counted if need.name not in search.counted], search.backend)


def _named_since(search: SharedSearch) -> set[str]:
    """What offers and records name that were put there since the search."""
    there = [entry.name for folder in SAYING for entry in search.backend.entries(folder.rstrip("/"))]
    return named_by(search.backend, [name for name in there if name not in search.named])


def _former(search: SharedSearch) -> list[str]:
    """The names of the texts that do not count any more."""
    _, former = _texts_now(search)
    return [need.name for need in former]


def _texts_now(search: SharedSearch) -> tuple[list[Need], list[Need]]:
    return texts_among(search.backend.entries(FOLDER), search.rules.forget, search.limit)
