"""Writes the events of a run into a file while it goes on, for pages that watch; the file is gone afterwards.

    <state>/live/<film>-<process>-….jsonl

It is no record: nothing is synced, and where it cannot be written, the run goes on without it.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Final
from uuid import uuid4

from callsheet.runtime.events import Event, Stream, to_json
from callsheet.runtime.store import atomic as disk

LIVE: Final = "live"
"""The folder in the state folder."""


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

    def write(event: Event) -> None:
        with contextlib.suppress(OSError):
            file.write(to_json(event).encode("utf-8", "replace") + b"\n")

    stream.add_reader(write)
    try:
        yield
    finally:
        file.close()
        with contextlib.suppress(OSError):
            path.unlink()


def _film(pipeline: Path) -> str:
    return sha256(str(pipeline.resolve()).encode("utf-8", "replace")).hexdigest()[:16]
