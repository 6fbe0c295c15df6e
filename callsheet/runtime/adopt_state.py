"""Takes the state of another folder over into this project: its ledger, its files and its results."""

from __future__ import annotations

import contextlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet import failpoints
from callsheet.errors import InputError
from callsheet.runtime.git_revision import tracked
from callsheet.runtime.ledger import on_server
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import ForeignCache
from callsheet.runtime.store.inventory import Blob, blobs
from callsheet.runtime.store.project_lock import project_owned
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.document import Document
from callsheet.spec.project import LEDGER, STATE

STORED: Final = re.compile(r"[0-9a-f]{2}/[0-9a-f]{62}(\.[a-z0-9]{1,9})?")
"""What a stored file is called."""


@dataclass(frozen=True, slots=True)
class Adopted(Document):
    """What is new in this project. damaged: files that were left where they are, since their bytes are not
    those that they are called after."""

    source: Path
    runs: int
    attempts: int
    files: int
    damaged: tuple[Path, ...]


def adopt_state(workspace: Workspace, path: Path) -> Adopted:
    """Take over what the state at `path` has, all or nothing. It stays as it is; a second time does nothing.

    path: a state folder, whatever it is called, or the folder that has `.callsheet/`. That of this project
    only where its ledger is on a server now: the one in the folder is taken over there. Files come first:
    they are stored under the digests of their bytes, and mean nothing until the ledger names them. Then the
    ledger, in one transaction.

    Raises InputError for a folder that has no state, when git tracks it, and when a run is working on one of
    the two; LedgerError for a ledger that cannot be read, and where both have a request under way for the
    same result; StoreError when the disk cannot be written.
    """
    source = _state_at(path, workspace)
    own = source == workspace.state.resolve()
    with contextlib.ExitStack() as owned:
        owned.enter_context(project_owned(source))
        if own:
            return Adopted(source, *_joined(workspace, source), 0, ())
        owned.enter_context(project_owned(workspace.state))
        workspace.ignore()
        store = workspace.store()
        store.prepare()
        files, damaged = _take_files(store, source)
        failpoints.reach("adopt.after_files")
        joined = _joined(workspace, source)
        failpoints.reach("adopt.after_ledger")
        with contextlib.closing(ForeignCache(Store(source))) as cache:
            workspace.cache().take_over(cache)
    return Adopted(source, *joined, files, damaged)


def _joined(workspace: Workspace, source: Path) -> tuple[int, int]:
    """Take the ledger of `source` over: how many runs and attempts are new."""
    if not (source / LEDGER).exists():
        return 0, 0
    workspace.close()
    joined = workspace.books.take_over(source / LEDGER)
    return joined.runs, joined.attempts


def _state_at(path: Path, workspace: Workspace) -> Path:
    """The state folder at or in `path`. Raises InputError."""
    state = path if _is_state(path) or path.resolve().name == STATE else path / STATE
    if state.is_symlink() or not _is_state(state):
        raise InputError(f"{path} has no state of callsheet", f"name the folder that has {STATE}/")
    if state.resolve() == workspace.state.resolve() and not on_server():
        raise InputError(f"{state} is the state of this project itself", "name another folder")
    for one in (state, workspace.state):
        if tracked(one):
            raise InputError(
                f"git tracks {one}, so it may have come from somebody else; nothing was taken over",
                f"keep it out of git: git rm -r --cached {shell.quoted(str(one))}",
            )
    return state.resolve()


def _is_state(folder: Path) -> bool:
    return (folder / LEDGER).is_file() or (folder / "blobs").is_dir()


def _take_files(store: Store, source: Path) -> tuple[int, tuple[Path, ...]]:
    """Store the files of `source`. Returns how many are new, and those that are damaged."""
    new, damaged = 0, []
    for blob in blobs(source):
        target = store.path(blob.digest, blob.path.suffix)
        if blob.path.is_symlink() or not STORED.fullmatch(f"{blob.path.parent.name}/{blob.path.name}"):
            continue
        if target.exists():
            continue
        if blob.whole:
            _take(blob, target, store)
            new += 1
        else:
            damaged.append(blob.path)
    return new, tuple(damaged)


def _take(blob: Blob, target: Path, store: Store) -> None:
    """Store one file: by a link where that is possible, else as a copy. Raises StoreError."""
    new = disk.temporary(store.root / "blobs")
    try:
        target.parent.mkdir(exist_ok=True)
        os.link(blob.path, new, follow_symlinks=False)
    except disk.NO_LINK:
        disk.write_new(new, disk.chunks(blob.path), mode=disk.READ_ONLY)
    disk.move(new, target)
