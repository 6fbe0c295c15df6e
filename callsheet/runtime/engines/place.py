"""Where the media of tasks are: a place that the driver and every worker reach, with files by digest."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from functools import cache
from pathlib import Path
from stat import S_ISREG
from typing import Final, Protocol

from callsheet.errors import NodeError
from callsheet.runtime.engines.where import host
from callsheet.runtime.remote_store.backend import Backend, Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.blob_names import blob_name
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made
from callsheet.spec.project import with_home

OWN: Final = "project:"
"""How the location of a project's own folder begins."""
NOWHERE: Final = ""
"""The location for a task without media."""
PATIENCE: Final[ContextVar[float]] = ContextVar("patience", default=60.0)
"""Seconds for which a store that is away is tried; not at all where it is only looked at."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
"""Seconds between two attempts."""
SCRATCH: Final = 10 * 2**30
"""Bytes that a worker keeps of a shared store at most."""
NOT_SHARED: Final = (
    "let the workers reach the same store: a folder under the same path, or --store with a URL"
)


@contextlib.contextmanager
def at_once() -> Iterator[None]:
    """Inside, a store that is away is not waited for."""
    token = PATIENCE.set(0.0)
    try:
        yield
    finally:
        PATIENCE.reset(token)


class Place(Protocol):
    """Files by digest. location: for a task. Methods may be called from several threads.

    `put`: the file of `artifact` is there afterwards, for a worker. `path_of`: where its file would be on
    this machine. `path`: the same, after it was read from the place if need be. `keep`: a file that a job
    made is in the place afterwards. `taken`: a file that a worker kept, for the driver, which verifies it;
    folder: an empty one for it. `forget`: nobody needs the file any more. `workdir`: an empty folder for a
    job. All raise NodeError (*local*) or StoreError.
    """

    location: str

    def put(self, artifact: Artifact) -> None: ...
    def path_of(self, digest: str, suffix: str) -> Path: ...
    def path(self, digest: str, suffix: str) -> Path: ...
    def keep(self, made: Made) -> Artifact: ...
    def taken(self, artifact: Artifact, folder: Callable[[], Path]) -> Made: ...
    def forget(self, artifact: Artifact) -> None: ...
    def workdir(self) -> contextlib.AbstractContextManager[Callable[[], Path]]: ...


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


class ProjectFolder:
    """The store of a project, which workers see under the same path. Nothing is copied."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.location = f"{OWN}{store.root.absolute()}"

    def put(self, artifact: Artifact) -> None:
        path = self.store.path(artifact.digest, artifact.path.suffix)
        if artifact.path == path or path.is_file():
            return
        disk.make_folder(path.parent)
        new = disk.temporary(path.parent)
        try:
            shutil.copyfile(artifact.path, new)
            verified(new, artifact.digest, artifact.path.name)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise NodeError(f"{artifact.path} cannot be read: {error.strerror}", "local") from error
        disk.move(new, path, lasting=False)

    def path_of(self, digest: str, suffix: str) -> Path:
        return self.store.path(digest, suffix)

    def path(self, digest: str, suffix: str) -> Path:
        path = self.path_of(digest, suffix)
        if not path.is_file():
            raise NodeError(
                f"{self.store.root} on {host()} lacks a file that is asked for", "local", NOT_SHARED
            )
        return path

    def keep(self, made: Made) -> Artifact:
        return self.store.ingest(made)

    def taken(self, artifact: Artifact, folder: Callable[[], Path]) -> Made:
        path = self.store.path(artifact.digest, artifact.path.suffix)
        verified(path, artifact.digest, "a result")
        return Made(artifact.kind, path, artifact.shots, stored=artifact)

    def forget(self, artifact: Artifact) -> None:
        self.path_of(artifact.digest, artifact.path.suffix).unlink(missing_ok=True)

    def workdir(self) -> contextlib.AbstractContextManager[Callable[[], Path]]:
        return scratch().lazy_workdir()


class SharedPlace:
    """A store that a team shares, or any folder or URL. local: keeps what was read of it on this machine, at
    most so many bytes if `most` is given. While it is away, it is tried for `PATIENCE` seconds."""

    def __init__(
        self, location: str, local: Store, most: int | None = None, backend: Backend | None = None
    ) -> None:
        self.location = location
        self.local = local
        self._most = most
        self._backend = backend or backend_at(location)
        self._there: set[str] = set()

    def put(self, artifact: Artifact) -> None:
        if artifact.digest in self._there:
            return
        self._patiently(lambda: self._backend.put(blob_name(artifact.digest), artifact.path))
        self._there.add(artifact.digest)

    def path_of(self, digest: str, suffix: str) -> Path:
        return self.local.path(digest, suffix)

    def path(self, digest: str, suffix: str) -> Path:
        path = self.path_of(digest, suffix)
        if not self._is_kept(path):
            if self._most is not None:
                make_room(self.local.root / "blobs", self._most)
            disk.make_folder(path.parent)
            new = disk.temporary(path.parent)
            self._download(digest, new)
            disk.move(new, path, lasting=False)
        return path

    def _is_kept(self, path: Path) -> bool:
        """Whether this machine has a file, whose time is now that of its last use where not all are kept."""
        try:
            if self._most is not None:
                os.utime(path)
            return path.is_file()
        except OSError:
            return False

    def keep(self, made: Made) -> Artifact:
        kept = self.local.ingest(made)
        self.put(kept)
        return kept

    def taken(self, artifact: Artifact, folder: Callable[[], Path]) -> Made:
        path = folder() / f"{artifact.digest}{artifact.path.suffix}"
        if not path.exists():
            self._download(artifact.digest, path)
        self._there.add(artifact.digest)
        return Made(artifact.kind, path, artifact.shots)

    def forget(self, artifact: Artifact) -> None:
        """Where this machine may not delete, the shared store keeps it until it is cleared."""
        with contextlib.suppress(Unreachable, Missing):
            self._backend.remove([blob_name(artifact.digest)])
        self.path_of(artifact.digest, artifact.path.suffix).unlink(missing_ok=True)

    def workdir(self) -> contextlib.AbstractContextManager[Callable[[], Path]]:
        return self.local.lazy_workdir()

    def _download(self, digest: str, path: Path) -> None:
        self._patiently(lambda: disk.write_new(path, self._backend.read(blob_name(digest)), lasting=False))
        verified(path, digest, f"a file in {self._backend.title}")

    def _patiently(self, act: Callable[[], object]) -> None:
        """Do it, again and again while the store is away. Raises NodeError (*local*)."""
        end, pause = time.monotonic() + PATIENCE.get(), FIRST_PAUSE
        while True:
            try:
                act()
                return
            except Missing as error:
                raise NodeError(error.message, "local", NOT_SHARED) from error
            except Unreachable as error:
                if time.monotonic() + pause > end:
                    said, step = f"{error.message} (on {host()})", "run again when the store is back"
                    raise NodeError(said, "local", error.next_step or step) from error
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)


def verified(path: Path, digest: str, what: str) -> None:
    """Raises NodeError (*local*) where the file has other bytes; it is removed then, or where it is not
    there."""
    try:
        if disk.digest(path) == digest:
            return
        path.unlink(missing_ok=True)
        said = f"{what} is damaged: its bytes are others than were asked for"
    except OSError:
        said = f"{what} is not in the store"
    raise NodeError(said, "local", "run again: it is made or fetched once more")


def make_room(folder: Path, most: int) -> None:
    """Where there are more than so many bytes, delete the files that were not used for longest. Other
    processes may do the same at once."""
    found = sorted(_files(folder), reverse=True)
    size = sum(length for _, length, _ in found)
    while found and size > most:
        _, length, path = found.pop()
        with contextlib.suppress(OSError):
            path.unlink()
        size -= length


def _files(folder: Path) -> Iterator[tuple[float, int, Path]]:
    """Time, bytes and path of each file that is still there when it is looked at."""
    for path in folder.rglob("*.*"):
        with contextlib.suppress(OSError):
            about = path.stat()
            if S_ISREG(about.st_mode):
                yield about.st_mtime, about.st_size, path


@cache
def scratch() -> Store:
    """The folder of this machine for the work of its workers, and for what they read of shared stores. Raises
    NodeError (*local*), StoreError."""
    user = os.getuid() if hasattr(os, "getuid") else os.environ.get("USERNAME", "")
    root = Path(tempfile.gettempdir(), f"callsheet-worker-{user}")
    try:
        root.mkdir(mode=0o700, exist_ok=True)
        if hasattr(os, "getuid") and (root.is_symlink() or root.stat().st_uid != os.getuid()):
            raise NodeError(f"{root} belongs to somebody else", "local", "set TMPDIR to a folder of your own")
    except OSError as error:
        raise disk.explained(error, root) from error
    store = Store(root)
    store.prepare()
    return store
