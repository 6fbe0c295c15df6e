"""Notices that the film changed on the disk: by an editor, another terminal, a run, or another page."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from typing import Final

from callsheet.review.film import Film
from callsheet.review.hub import Hub
from callsheet.runtime.notes.notes_file import notes_path
from callsheet.runtime.store.cache import NAME as CACHE
from callsheet.runtime.workspace import LEDGER, PREVIEW, named_state
from callsheet.spec.project import STATE, lock_path, project_root

LOOK_SECONDS: Final = 0.5
Stamp = tuple[int, int, int]


class Follower:
    """Tells every page when a file of the film changed. It looks at times and sizes, and reads nothing."""

    def __init__(self, film: Film, hub: Hub) -> None:
        self._film, self._hub = film, hub
        self._loop = asyncio.get_running_loop()
        self._woken = asyncio.Event()
        self._seen = self._stamps()

    def wake(self) -> None:
        """Look at once; from any thread."""
        self._loop.call_soon_threadsafe(self._woken.set)

    async def run(self) -> None:
        """Look again and again, until it is cancelled."""
        while True:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), LOOK_SECONDS)
            self._woken.clear()
            found = self._stamps()
            if found != self._seen:
                changed = sorted(name for name in found if found[name] != self._seen.get(name))
                self._seen = found
                self._hub.tell("changed", {"files": changed})

    def _stamps(self) -> dict[str, Stamp]:
        return {name: _stamp(path) for name, path in self._files().items()}

    def _files(self) -> dict[str, Path]:
        """What the state of a film is read from; files that the pipeline names are looked at when it is."""
        file = self._film.file
        state = named_state() or project_root(file.parent) / STATE
        return {
            "pipeline": file,
            "lock": lock_path(file),
            "notes": notes_path(file),
            "ledger": state / LEDGER,
            "results": state / CACHE,
            "previews": state / PREVIEW / CACHE,
        }


def _stamp(path: Path) -> Stamp:
    """When it changed, its size, and that of what a database has not written into it yet."""
    try:
        found = path.stat()
        log = path.with_name(f"{path.name}-wal")
        return found.st_mtime_ns, found.st_size, log.stat().st_size if log.exists() else 0
    except OSError:
        return 0, 0, 0
