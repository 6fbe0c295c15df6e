"""A run that ended whole leaves a receipt: what it read and what it left behind.

While all of that is as it was, the same run has nothing to do, and says so without reading the pipeline
again. Safe to delete.

    <state>/receipts/<digest of what was asked for>.json
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
    """What a whole run read (by digest and by stamp), what it left (by stamp), and what it said. finished:
    address → files under out/."""

    program: str
    texts: Mapping[str, str]
    stamps: Sequence[FileStamp]
    started: RunStarted
    skipped: Sequence[str]
    finished: Mapping[str, tuple[str, ...]]
    outputs: Mapping[str, object]

    def stands(self) -> bool:
        """Whether everything is as it was."""
        return (
            self.program == program()
            and all(stamp(path) == (path, size, moment) for path, size, moment in self.stamps)
            and all(_digest(path) == digest for path, digest in self.texts.items())
        )

    def tell(self, emit: Emit) -> None:
        """The events of a run that reuses everything."""
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
class Witness:
    """Passes events on, and keeps those that a receipt repeats."""

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

    def again(self) -> RunStarted | None:
        """How the same run begins when everything is there: it spends nothing. A preview still says what it
        would cost."""
        if self.started is None:
            return None
        there = ((one, "reuse" if one.address in self.finished else "skipped") for one in self.instances)
        if self.started.mode == "preview":
            instances = tuple(replace(one, action=action) for one, action in there)
            return replace(self.started, instances=instances)
        instances = tuple(replace(one, action=action, usd=0.0) for one, action in there)
        return replace(self.started, usd=0.0, unpriced=0, instances=instances)


def place(state: Path, asked: Mapping[str, object]) -> Path:
    """Where the receipt of a run lies that is asked for like this, in this folder and environment."""
    settings = {name: value for name, value in os.environ.items() if name.startswith(ENVIRONMENT)}
    what = json.dumps([dict(asked), settings, str(Path.cwd())], sort_keys=True, default=str)
    return state / "receipts" / f"{hashlib.sha256(what.encode()).hexdigest()[:32]}.json"


@dataclass(frozen=True, slots=True)
class Used:
    """What a run read and left. texts: file → digest of what was read ("" for a file that was not there).
    media: the user's own. left: in the store and under out/. since: epoch seconds at which it began."""

    texts: Mapping[Path, str]
    media: Iterable[Path]
    left: Iterable[Path]
    since: float


def keep(path: Path, witness: Witness, used: Used) -> None:
    """Leave a receipt at `path`, unless a media file that was read has changed meanwhile.

    Of a text that changed, the receipt has the digest that was read, so that it does not count for the new
    one. A receipt that cannot be written is no loss.
    """
    media = [stamp(str(p)) for p in used.media]
    started = witness.again()
    if started is None or witness.ended is None or any(s[2] > used.since * 1e9 for s in media):
        return
    receipt = Receipt(
        program(),
        {str(p): digest for p, digest in used.texts.items()},
        [*media, *(stamp(str(p)) for p in used.left)],
        started,
        witness.skipped,
        witness.finished,
        witness.ended.outputs,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        disk.replace(path, [json.dumps(_plain(receipt)).encode("utf-8", "surrogatepass")], mode=0o600)
    except (OSError, StoreError, ValueError):
        path.unlink(missing_ok=True)


def standing(path: Path) -> Receipt | None:
    """The receipt at `path`, if there is one and it stands."""
    try:
        receipt = _receipt(json.loads(path.read_bytes()))
        return receipt if receipt.stands() else None
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def stamp(path: str) -> FileStamp:
    """Size and time of a file now."""
    try:
        found = os.stat(path)  # noqa: PTH116 a Path would cost more than the call
    except OSError:
        return path, -1, 0
    return path, found.st_size, found.st_mtime_ns


def program() -> str:
    """What stands for this version of callsheet: its number, and its files as they are."""
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
