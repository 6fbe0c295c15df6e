"""The files in the content store of a project: how many, how large, and whether they are undamaged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.inventory import Blob, blobs
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class StoredFiles(Document):
    """The files of results and of previews, each in order of digest."""

    results: tuple[Blob, ...]
    previews: tuple[Blob, ...]


@dataclass(frozen=True, slots=True)
class Verified:
    """A file that was read again. name: its path, or its name in a shared store. whole: whether it has the
    bytes that it was stored with."""

    name: str
    whole: bool


def stored_files(workspace: Workspace) -> StoredFiles:
    """Every file in the content store."""
    results, previews = (tuple(blobs(workspace.folder(preview))) for preview in (False, True))
    return StoredFiles(results, previews)


def verify(workspace: Workspace, shared: str = "") -> Iterator[Verified]:
    """Read every stored file again.

    shared: the folder or URL of a shared store to read instead. Raises InputError for one that cannot be
    reached.
    """
    if shared:
        for name, whole in SharedStore.at(shared, workspace.store()).verified():
            yield Verified(name, whole)
        return
    here = stored_files(workspace)
    for blob in (*here.results, *here.previews):
        yield Verified(str(blob.path), blob.whole)
