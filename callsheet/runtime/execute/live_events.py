"""Writes the events of a run into a file while it goes on, for pages that watch; the file is gone afterwards.

    <state>/live/<film>-<process>-….jsonl

It is no record: nothing is synced, and where it cannot be written, the run goes on without it. Events that
follow each other are written together.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Iterator
from hashlib import sha256
from io import RawIOBase
from pathlib import Path
from typing import Final
from uuid import uuid4

from callsheet.runtime.events import Event, Stream, to_json
from callsheet.runtime.store import atomic as disk

LIVE: Final = "live"
"""The folder in the state folder."""
SOON: Final = 0.05
"""Seconds that an event waits for others at most."""


def live_files(state: Path, pipeline: Path) -> list[Path]:
    """The files of the runs of `pipeline` that go on now, in any process; and what killed ones left."""
    folder = state / LIVE
    return sorted(folder.glob(f"{_film(pipeline)}-*.jsonl")) if folder.is_dir() else []


def process_of(path: Path) -> int:
    """The number of the process that writes a file."""
    return int(path.name.split("-")[1])


@contextlib.contextmanager
def live_events(state: Path, pipeline: Path, stream: Stream) -> Iterator[None]:
    """While inside, the events of `stream` are also written into a file of its own."""
    path = state / LIVE / f"{_film(pipeline)}-{os.getpid()}-{uuid4().hex[:8]}.jsonl"
    try:
        path.parent.mkdir(exist_ok=True)
        for old in live_files(state, pipeline):
            if not disk.alive(process_of(old)):
                old.unlink(missing_ok=True)
        file = path.open("xb", buffering=0)
    except (OSError, ValueError):
        yield
        return

    lines = _Lines(file)
    stream.add_reader(lines.add)
    try:
        yield
    finally:
        lines.write()
        file.close()
        with contextlib.suppress(OSError):
            path.unlink()


class _Lines:
    """The events that are not in `file` yet."""

    def __init__(self, file: RawIOBase) -> None:
        self._file = file
        self._new: list[str] = []

    def add(self, event: Event) -> None:
        """Write an event soon, with those that follow; at once where no event loop runs."""
        self._new.append(to_json(event))
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self.write()
            return
        if len(self._new) == 1:
            loop.call_later(SOON, self.write)

    def write(self) -> None:
        lines, self._new = self._new, []
        with contextlib.suppress(OSError):
            if lines:  # else the file may be closed: a loop of somebody else goes on
                self._file.write("".join(f"{line}\n" for line in lines).encode("utf-8", "replace"))


def _film(pipeline: Path) -> str:
    return sha256(str(pipeline.resolve()).encode("utf-8", "replace")).hexdigest()[:16]
