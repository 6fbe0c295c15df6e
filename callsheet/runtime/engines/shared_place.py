"""A store that a team shares as the place of media: a folder or a URL, which may be away for a time."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.engines.place import NOT_SHARED, verified
from callsheet.runtime.engines.scratch import make_room
from callsheet.runtime.engines.where import host
from callsheet.runtime.remote_store.backend import Backend, Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.blob_names import blob_name
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made

PATIENCE: Final[ContextVar[float]] = ContextVar("patience", default=60.0)
"""Seconds for which a store that is away is tried; not at all where it is only looked at."""
FIRST_PAUSE: Final = 0.5
LONGEST_PAUSE: Final = 8.0
"""Seconds between two attempts."""


@contextlib.contextmanager
def without_waiting() -> Iterator[None]:
    """Inside, a store that is away is not waited for."""
    token = PATIENCE.set(0.0)
    try:
        yield
    finally:
        PATIENCE.reset(token)


class SharedPlace:
    """A store that a team shares, or any folder or URL. local: keeps what was read of it on this machine, at
    most so many bytes if `most` is given. While it is away, it is tried for `PATIENCE` seconds,
    by all who need it together: who comes later finds it away at the first attempt."""

    def __init__(
        self, location: str, local: Store, most: int | None = None, backend: Backend | None = None
    ) -> None:
        self.location = location
        self.local = local
        self._most = most
        self._backend = backend or backend_at(location)
        self._there: set[str] = set()
        self._away: tuple[float, float] | None = None

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
        self._there.discard(kept.digest)  # a worker lives long: the store may have been cleared since
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
        pause = FIRST_PAUSE
        while True:
            try:
                act()
                self._away = None
                return
            except Missing as error:
                self._away = None
                raise NodeError(error.message, "local", NOT_SHARED) from error
            except Unreachable as error:
                if pause > self._patience_left():
                    said, step = f"{error.message} (on {host()})", "run again when the store is back"
                    raise NodeError(said, "local", error.next_step or step) from error
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)

    def _patience_left(self) -> float:
        """Seconds for which the store, which is away, is still tried. They begin again where nobody needed it
        for so long that it may have been back."""
        now, patience = time.monotonic(), PATIENCE.get()
        first, last = self._away or (now, now)
        if now - last > patience:
            first = now
        self._away = first, now
        return first + patience - now
