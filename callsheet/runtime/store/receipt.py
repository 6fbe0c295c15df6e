"""A receipt of a completed run: which files it read, which it wrote, and its events.

While none of these files changes, the same run has nothing to do: it repeats the events and does not even
read the pipeline. Safe to delete. Read by hand, since pydantic takes longer to import than this whole run.

    <state>/receipts/<digest of the command>.json
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from callsheet import _version
from callsheet.errors import StoreError
from callsheet.runtime.events import (
    Emit,
    Event,
    NodeFinished,
    NodeSkipped,
    Planned,
    RunFinished,
    RunGrew,
    RunReused,
    RunStarted,
    Stream,
)
from callsheet.runtime.store import atomic as disk

FileStamp = tuple[str, int, int]
"""A file with its size in bytes and its time of change in nanoseconds; -1 and 0 for one that is not there."""
ENVIRONMENT: Final = "CALLSHEET_"


@dataclass(frozen=True, slots=True)
class Receipt:
    """A completed run. program: its version of callsheet. texts: file → digest of what was read. stamps: of
    the user's media, and of results. started, skipped, finished (address → files under out/), outputs: as the
    events said."""

    program: str
    texts: Mapping[str, str]
    stamps: Sequence[FileStamp]
    started: RunStarted
    skipped: Sequence[str]
    finished: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, object]

    def is_current(self) -> bool:
        """Whether program and files are unchanged."""
        return (
            self.program == program()
            and all(stamp(path) == (path, size, moment) for path, size, moment in self.stamps)
            and all(_digest(path) == digest for path, digest in self.texts.items())
        )

    def replay(self, emit: Emit) -> None:
        """Emit the events of a run that reuses everything."""
        began = time.monotonic()
        stream = Stream(emit, self.started.pipeline)
        stream(self.started)
        for address in self.skipped:
            stream(NodeSkipped(address))
        if self.finished:
            nodes = Counter(one.node for one in self.started.instances if one.address in self.finished)
            stream(RunReused(len(self.finished), nodes, self.finished))
        seconds, reused = round(time.monotonic() - began, 3), len(self.finished)
        spare = self.started.total - reused
        stream(RunFinished("done", self.outputs, reused=reused, spare=spare, seconds=seconds))


@dataclass(slots=True)
class Recorder:
    """Passes events on and records those that a receipt repeats."""

    emit: Emit
    started: RunStarted | None = None
    instances: list[Planned] = field(default_factory=list)
    skipped: list[str] = field(default_factory=list)
    finished: dict[str, tuple[str, ...]] = field(default_factory=dict)
    ended: RunFinished | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = event
                self.instances.extend(event.instances)
            case RunGrew(total=total, usd=usd, unpriced=unpriced) if self.started is not None:
                self.started = replace(self.started, total=total, usd=usd, unpriced=unpriced)
                self.instances.extend(event.instances)
            case RunReused(files=files):
                self.finished |= files
            case NodeSkipped(address):
                self.skipped.append(address)
            case NodeFinished(address, files=files):
                self.finished[address] = files
            case RunFinished():
                self.ended = event
        self.emit(event)

    def repeated(self) -> RunStarted | None:
        """The first event of the same run when everything is reused: it costs nothing. A preview still says
        what the film would cost."""
        if self.started is None:
            return None
        there = ((one, "reuse" if one.address in self.finished else "skipped") for one in self.instances)
        if self.started.mode == "preview":
            instances = tuple(replace(one, action=action) for one, action in there)
            return replace(self.started, instances=instances)
        instances = tuple(replace(one, action=action, usd=0.0) for one, action in there)
        return replace(self.started, usd=0.0, unpriced=0, instances=instances)


def receipt_path(state: Path, asked: Mapping[str, object]) -> Path:
    """The path of the receipt for a run with these options, in this folder and environment."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT)}
    what = json.dumps([dict(asked), settings, str(Path.cwd())], sort_keys=True, default=str)
    return state / "receipts" / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Used:
    """Files of a run. texts: file → digest of what was read ("" for a missing file). media: the user's own.
    left: results in the store and under out/. since: when the run began, in epoch seconds."""

    texts: Mapping[Path, str]
    media: Iterable[Path]
    left: Iterable[Path]
    since: float


def write_receipt(path: Path, recorder: Recorder, used: Used) -> None:
    """Write a receipt to `path`, unless one of the user's media files changed during the run.

    For texts the receipt has the digest that was read: if one changed since, the receipt is not current. A
    receipt that cannot be written is left out.
    """
    media = [stamp(str(p)) for p in used.media]
    started = recorder.repeated()
    if started is None or recorder.ended is None or any(s[2] > used.since * 1e9 for s in media):
        return
    receipt = Receipt(
        program(),
        {str(p): digest for p, digest in used.texts.items()},
        [*media, *(stamp(str(p)) for p in used.left)],
        started,
        recorder.skipped,
        recorder.finished,
        recorder.ended.outputs,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, [json.dumps(_plain(receipt)).encode("utf-8", "surrogatepass")], mode=0o600)
    except (OSError, StoreError, ValueError):
        path.unlink(missing_ok=True)


def current_receipt(path: Path) -> Receipt | None:
    """The receipt at `path`, if there is one and it is current."""
    try:
        receipt = _receipt(json.loads(path.read_bytes()))
        return receipt if receipt.is_current() else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def stamp(path: str) -> FileStamp:
    """The stamp of a file now."""
    try:
        found = os.stat(path)  # noqa: PTH116 a Path would cost more than the call
    except OSError:
        return path, -1, 0
    return path, found.st_size, found.st_mtime_ns


def program() -> str:
    """Identifies this version of callsheet: its number, and a digest over the stamps of its files."""
    files = sorted(_files_of(str(Path(_version.__file__).parent)))
    return f"{_version.__version__} {hashlib.sha256(repr(files).encode()).hexdigest()}"


def _files_of(folder: str) -> Iterator[FileStamp]:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.is_dir():
                if entry.name != "__pycache__":
                    yield from _files_of(entry.path)
            else:
                found = entry.stat()
                yield entry.path, found.st_size, found.st_mtime_ns


def _digest(path: str) -> str:
    try:
        return disk.digest(Path(path))
    except OSError:
        return ""


SAID: Final = ("pipeline", "path", "mode", "total", "usd", "unpriced")
"""Fields of `RunStarted` that a receipt keeps as they are."""


def _plain(receipt: Receipt) -> dict[str, Any]:
    started, files = receipt.started, receipt.finished
    instances = started.instances
    return {
        "program": receipt.program,
        "texts": receipt.texts,
        "stamps": receipt.stamps,
        "started": {name: getattr(started, name) for name in SAID},
        "skipped": receipt.skipped,
        "finished": [[i.address, i.node, i.uses, i.provider, i.usd, files.get(i.address)] for i in instances],
        "outputs": receipt.outputs,
    }


def _receipt(data: dict[str, Any]) -> Receipt:
    instances: list[Planned] = []
    finished: dict[str, tuple[str, ...]] = {}
    for address, node, uses, provider, usd, files in data["finished"]:
        instances.append(Planned(address, node, uses, provider, "skipped" if files is None else "reuse", usd))
        if files is not None:
            finished[address] = tuple(files)
    return Receipt(
        data["program"],
        data["texts"],
        [(path, size, moment) for path, size, moment in data["stamps"]],
        RunStarted(**data["started"], instances=tuple(instances)),
        data["skipped"],
        finished,
        data["outputs"],
    )
