"""Finds stored files that nothing needs, and removes them.

A file is needed if a lock file of the project names it, or if a live attempt in the ledger sends it or got it
as its result. Previews are never needed, since they can be drawn again. Files under out/ are links or copies
and stay intact.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, PipelineError
from callsheet.runtime.ledger import LIVE
from callsheet.runtime.lock.lines import Result
from callsheet.runtime.lock.read import read
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.inventory import Blob, blobs
from callsheet.runtime.store.project_lock import project_owned
from callsheet.runtime.workspace import Workspace
from callsheet.spec.disk_errors import explained
from callsheet.spec.document import Document
from callsheet.spec.project import LOCK

OURS: Final = re.compile(r"^lock:", re.MULTILINE)
"""Other tools have files of such names, too."""
LOOKED_INTO: Final = 4096
SKIPPED: Final = {"node_modules", "__pycache__", "venv", "out"}


@dataclass(frozen=True, slots=True)
class Rules:
    """What may be removed. before: only files stored before this moment, in seconds since the epoch. most:
    remove the oldest until so many bytes are left. everything: also needed files."""

    before: float | None = None
    most: int | None = None
    everything: bool = False


@dataclass(frozen=True, slots=True)
class Garbage(Document):
    """The result of a search. going: files that would be removed, oldest first. kept: the others. usd: what
    the results to be removed cost."""

    going: tuple[Blob, ...]
    kept: tuple[Blob, ...]
    usd: float = 0.0


def find_garbage(workspace: Workspace, rules: Rules) -> Garbage:
    """The stored files that `rules` allow to remove. Changes nothing.

    Raises InputError for a lock file that cannot be read, since the files that it names are not known then.
    """
    needed = set() if rules.everything else {*in_locks(workspace.root), *in_ledger(workspace)}
    results, previews = (list(blobs(root)) for root in roots(workspace))
    here = [*results, *previews]
    unneeded = [*previews, *(blob for blob in results if blob.digest not in needed)]
    loose = sorted(unneeded, key=lambda blob: (blob.since, blob.digest))
    going = tuple(_oldest(loose, here, rules))
    gone = {blob.path for blob in going}
    kept = tuple(blob for blob in here if blob.path not in gone)
    return Garbage(going, kept, _bought_for(workspace, {blob.digest for blob in going}))


def remove(garbage: Garbage, workspace: Workspace) -> int:
    """Remove the files, and what ledger and cache do not need: what old runs only reused, and results whose
    files are gone. What was paid for, and every bill, stays recorded.

    Returns by how many bytes ledger and cache are smaller. Raises InputError while a run is in progress,
    StoreError, LedgerError.
    """
    saved = 0
    with project_owned(workspace.state):
        _refuse_while_at_work(workspace)
        for blob in garbage.going:
            try:
                blob.path.unlink(missing_ok=True)
            except OSError as error:
                raise explained(error, blob.path) from error
        for preview in (False, True):
            if workspace.folder(preview).is_dir():
                saved += workspace.cache(preview).prune()
        saved += workspace.books.shorten()
    return saved


def roots(workspace: Workspace) -> tuple[Path, Path]:
    """The stores of a project: for results, and for previews."""
    return workspace.folder(), workspace.folder(preview=True)


def in_locks(project: Path) -> Iterator[str]:
    """The digests in the lock files in the folder `project`. Raises InputError."""
    for path in locks_in(project):
        try:
            lines = read(path).lines
        except PipelineError as error:
            raise InputError(
                f"{path} cannot be read, so nobody knows what it names",
                "`callsheet check` says what is wrong with it; or give --all",
            ) from error
        for line in lines:
            yield from line.made.outputs.values() if isinstance(line, Result) else ()


def in_ledger(workspace: Workspace) -> Iterator[str]:
    """The digests of files that live attempts send, and of their results."""
    ledger = workspace.ledger_reader()
    if ledger is None:
        return
    for attempt in ledger.attempts(*LIVE):
        yield from attempt.inputs.values()
        yield from (kept.digest for kept in ledger.kept(attempt.id))


def locks_in(project: Path) -> Iterator[Path]:
    """The lock files in the folder `project`. Raises OSError for one that cannot be read."""
    for folder, folders, names in os.walk(project):
        folders[:] = sorted(name for name in folders if name not in SKIPPED and not name.startswith("."))
        for name in sorted(names):
            path = Path(folder, name)
            if name.endswith(LOCK) and OURS.search(_beginning(path)):
                yield path


def _beginning(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LOOKED_INTO).decode("utf-8", "replace")


def _oldest(loose: Iterable[Blob], here: Iterable[Blob], rules: Rules) -> Iterator[Blob]:
    size = sum(blob.size for blob in here)
    for blob in loose:
        if rules.before is not None and blob.since >= rules.before:
            continue
        if rules.most is not None and size <= rules.most:
            return
        size -= blob.size
        yield blob


def _bought_for(workspace: Workspace, digests: set[str]) -> float:
    """USD of the attempts with any of these files in their results."""
    ledger = workspace.ledger_reader()
    if ledger is None:
        return 0.0
    return sum(
        attempt.usd
        for attempt in ledger.attempts("COMMITTED")
        if any(kept.digest in digests for kept in ledger.kept(attempt.id))
    )


def _refuse_while_at_work(workspace: Workspace) -> None:
    """Raises InputError while jobs have work folders: runs that buy nothing hold no project lock."""
    for root in roots(workspace):
        for folder in (root / "work").glob("*-*"):
            process = folder.name.rpartition("-")[0]
            if not disk.is_left_over(process):
                step = f"wait for it to end; if it did, on another machine, delete {folder}"
                raise InputError(f"process {process} is at work in {root}", step)
