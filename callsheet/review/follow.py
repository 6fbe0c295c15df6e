"""Notices that the film changed on the disk: by an editor, another terminal, a run, or another page."""

from __future__ import annotations

import asyncio
import contextlib
import os
from pathlib import Path
from typing import Final

from callsheet.review.film import Film
from callsheet.review.hub import Hub
from callsheet.runtime.execute.live_events import live_files, process_of
from callsheet.runtime.notes.notes_file import notes_path
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import PREVIEW, named_state
from callsheet.spec.project import CACHE, LEDGER, STATE, lock_path, project_root

LOOK_SECONDS: Final = 0.5
LISTEN_SECONDS: Final = 0.05
"""Seconds between two looks for events of runs in other processes."""
PROGRESS: Final = ("node_progress", "node_waiting")
"""Events that are told and not kept for pages that open later."""
ENDS: Final = (b'{"event": "run_finished"', b'{"event": "run_aborted"')
Stamp = tuple[int, int, int]


class OtherRun:
    """A run in another process, from the file of its events. The file is held open: its last lines can still
    be read when it is gone."""

    def __init__(self, path: Path, hub: Hub) -> None:
        """Raises OSError."""
        self._file, self._hub, self._rest = path.open("rb"), hub, b""
        hub.forget_run()
        self._ended = False

    def pass_on(self) -> bool:
        """Tell the lines that are new and whole. Returns whether there was anything new."""
        found = self._file.read()
        *lines, self._rest = (self._rest + found).split(b"\n")
        for line in lines:
            is_progress = any(f'{{"event": "{kind}"'.encode() in line[:40] for kind in PROGRESS)
            self._ended = line.startswith(ENDS)
            self._hub.tell_text("progress" if is_progress else "run", line.decode("utf-8", "replace"))
        return bool(found)

    def close(self) -> None:
        """Say so where it was killed."""
        self._file.close()
        if not self._ended:
            step = "callsheet resume goes on with it"
            self._hub.tell("failed", {"error": "the run in another process was killed", "help": step})


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
        async with asyncio.TaskGroup() as both:
            both.create_task(self._look())
            both.create_task(self._listen())

    async def _listen(self) -> None:
        """Pass on what runs in other processes tell."""
        runs: dict[Path, OtherRun] = {}
        while True:
            there = live_files(self._state, self._film.file)
            for path in there:
                if path not in runs and process_of(path) != os.getpid() and disk.alive(process_of(path)):
                    with contextlib.suppress(OSError):
                        runs[path] = OtherRun(path, self._hub)
            for path, run in list(runs.items()):
                if not run.pass_on() and (path not in there or not disk.alive(process_of(path))):
                    run.close()
                    del runs[path]
            await asyncio.sleep(LISTEN_SECONDS)

    async def _look(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._woken.wait()
            self._woken.clear()
            found = self._stamps()
            if found != self._seen:
                changed = sorted(name for name in found if found[name] != self._seen.get(name))
                self._seen = found
                self._hub.tell("changed", {"files": changed})

    def _stamps(self) -> dict[str, Stamp]:
        return {name: _stamp(path) for name, path in self._files().items()}

    @property
    def _state(self) -> Path:
        return named_state() or project_root(self._film.file.parent) / STATE

    def _files(self) -> dict[str, Path]:
        """What the state of a film is read from; files that the pipeline names are looked at when it is."""
        file = self._film.file
        state = self._state
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
