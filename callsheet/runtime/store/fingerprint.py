"""A fingerprint of everything that an answer about a film may be made from, while nothing has to be made.

It covers each file of the project and of its state by the name, the size, the times and the number that the
disk has for it; callsheet, Python and its installed packages; the environment, the current folder and the
day; what the user granted. Any of them changes it. It reads no file.
"""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final, NamedTuple

from callsheet.runtime.store.receipt import program, stamp
from callsheet.spec.configuration import GRANTS, configuration
from callsheet.spec.price.age import today
from callsheet.spec.project import CACHE, LEDGER, LEDGER_VARIABLE, outer_project, state_folders

UNCOUNTED: Final = {"_", "OLDPWD", "SHLVL"}
"""Variables that a shell sets anew for each command."""
RECEIPTS: Final = "receipts"
"""The folder of a state with what earlier commands told; nothing is made from it."""
DATABASE: Final = ".db"
"""How the name of a file of SQLite ends, which makes and removes others beside it."""
Entry = tuple[str, int, int, int, int]
"""A file: its path; its size, -1 for a folder; when its content and anything of it changed, in nanoseconds;
its number on the disk."""


class Place(NamedTuple):
    """Where a film lies: its file, the root of its project, and the folder of its state."""

    pipeline: Path
    root: Path
    state: Path


@dataclass(frozen=True, slots=True)
class Fingerprint:
    """digest: of everything. files: how many there are. changed: when the newest of them, or a folder of the
    project, was changed, in nanoseconds since the epoch."""

    digest: str
    files: int
    changed: int


def fingerprint(places: Iterable[Place], asked: str, most: int, around: str) -> Fingerprint | None:
    """The fingerprint of these films. asked: what else the answer depends on, as text. most: so many files at
    most; None where there are more, where one cannot be looked at, where folders lie too deep in each other,
    and with a ledger on a server, which changes unseen. around: see `surroundings`."""
    if os.environ.get(LEDGER_VARIABLE):
        return None
    sha = hashlib.sha256(repr((asked, around)).encode("utf-8", "surrogatepass"))
    count, changed, seen = 0, 0, set[str]()
    try:
        for place in places:
            root, state = place.root.resolve(), place.state.resolve()
            for walk in (_Walk(root, leave_out=state), _Walk(state, of_state=True)):
                if walk.top in seen:
                    continue
                seen.add(walk.top)
                for entry in islice(walk.entries(), most - count + 1):
                    sha.update(repr(entry).encode("utf-8", "surrogatepass"))
                    count += 1
                changed = max(changed, walk.changed)
    except (OSError, RecursionError):
        return None
    return Fingerprint(sha.hexdigest(), count, changed) if count <= most else None


def surroundings(places: Iterable[Place]) -> str:
    """A digest of what counts beside the files of these films. Their times do not tell when it changed, so
    whoever keeps an answer takes it before and after."""
    found = list(_everywhere()), [list(_around(place)) for place in places]
    return hashlib.sha256(repr(found).encode("utf-8", "surrogatepass")).hexdigest()


def _everywhere() -> Iterator[object]:
    """What is the same for every film."""
    yield program()
    yield sys.version
    for folder in sys.path:
        yield stamp(folder)
    yield sorted(item for item in os.environ.items() if item[0] not in UNCOUNTED)
    yield str(Path.cwd())
    yield today().isoformat()
    granted = configuration()
    yield stamp(str(granted / GRANTS)) if granted else None


def _around(place: Place) -> Iterator[object]:
    """What lies around a project: the one that it lies in, and the states of others near it."""
    yield [str(path) for path in place]
    yield str(outer_project(place.root))
    for state in state_folders(place.pipeline.parent, place.root, place.state):
        yield str(state), [stamp(str(state / name)) for name in (LEDGER, f"{LEDGER}-wal", CACHE)]


class _Walk:
    """Every file and folder under `top`, but `leave_out`. A pipeline can name nothing in a folder whose name
    begins with a dot, so those are left out, too. Links to folders are not followed: where they lead counts.
    of_state: in the folder of a state, files come and go beside a database while it is read. changed: as in
    `Fingerprint`, as far as the walk is."""

    def __init__(self, top: Path, leave_out: Path | None = None, of_state: bool = False) -> None:
        self.top, self.changed = str(top), 0
        self._leave_out, self._of_state = str(leave_out), of_state

    def entries(self) -> Iterator[Entry]:
        """In the order of their paths. Raises OSError."""
        yield from self._under(self.top)

    def _under(self, folder: str) -> Iterator[Entry]:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
        if not (self._of_state and any(entry.name.endswith(DATABASE) for entry in entries)):
            self._see(os.stat(folder))  # noqa: PTH116 a Path would cost more than the call
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                if self._counts(entry):
                    yield entry.path, -1, 0, 0, 0
                    yield from self._under(entry.path)
            elif not (self._of_state and _is_passing(entry)):
                status = _status(entry)
                self._see(status)
                yield _leads(entry), status.st_size, status.st_mtime_ns, status.st_ctime_ns, status.st_ino

    def _counts(self, folder: os.DirEntry[str]) -> bool:
        """Whether something in a folder can be a part of an answer."""
        if self._of_state:
            return folder.name != RECEIPTS
        return not folder.name.startswith(".") and folder.path != self._leave_out

    def _see(self, status: os.stat_result) -> None:
        self.changed = max(self.changed, status.st_ctime_ns if os.name == "posix" else status.st_mtime_ns)


def _is_passing(entry: os.DirEntry[str]) -> bool:
    """Whether SQLite makes a file for as long as it reads: what is written lies in a longer one."""
    return entry.name.endswith("-shm") or (entry.name.endswith("-wal") and not entry.stat().st_size)


def _leads(entry: os.DirEntry[str]) -> str:
    """The path of a file; of a link, also the place at its end, whatever links lie on the way."""
    return f"{entry.path} -> {os.path.realpath(entry.path)}" if entry.is_symlink() else entry.path


def _status(entry: os.DirEntry[str]) -> os.stat_result:
    """Of the file that a link leads to; of the link itself where that is gone, or is a folder."""
    try:
        return entry.stat(follow_symlinks=not entry.is_dir())
    except OSError:
        return entry.stat(follow_symlinks=False)


def covers(place: Place, path: Path) -> bool:
    """Whether the fingerprint of a film changes when the file at `path` does."""
    try:
        real = path.resolve()
    except (OSError, RuntimeError):
        return False
    if real.is_relative_to(place.state.resolve()):
        return True
    root = place.root.resolve()
    return real.is_relative_to(root) and not any(
        part.startswith(".") for part in real.relative_to(root).parent.parts
    )
