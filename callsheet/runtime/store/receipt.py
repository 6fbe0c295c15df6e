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
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from callsheet import _version
from callsheet.errors import StoreError
from callsheet.runtime.events import Emit, Event, NodeFinished, NodeSkipped, RunFinished, RunGrew, RunStarted
from callsheet.runtime.store import atomic as disk

Stamp = tuple[str, int, int]
"""A file with its size in bytes and its time of change in nanoseconds; -1 and 0 for one that is not there."""
ENVIRONMENT: Final = "CALLSHEET_"


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a whole run read (by digest and by stamp), what it left (by stamp), and what it said."""

    program: str
    texts: Mapping[str, str]
    stamps: Sequence[Stamp]
    started: RunStarted
    skipped: Sequence[str]
    finished: Sequence[NodeFinished]
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
        emit(self.started)
        for address in self.skipped:
            emit(NodeSkipped(address))
        for event in self.finished:
            emit(event)
        seconds = round(time.monotonic() - began, 3)
        emit(RunFinished("done", self.outputs, reused=len(self.finished), seconds=seconds))


@dataclass(slots=True)
class Witness:
    """Passes events on, and keeps those that a receipt repeats."""

    emit: Emit
    started: RunStarted | None = None
    skipped: list[str] = field(default_factory=list)
    finished: list[NodeFinished] = field(default_factory=list)
    ended: RunFinished | None = None

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self.started = _free(event)
            case RunGrew(_, total, usd, unpriced) if self.started is not None:
                self.started = _free(replace(self.started, total=total, usd=usd, unpriced=unpriced))
            case NodeSkipped(address):
                self.skipped.append(address)
            case NodeFinished():
                self.finished.append(replace(event, seconds=0.0, usd=0.0, reused=True))
            case RunFinished():
                self.ended = event
        self.emit(event)


def _free(started: RunStarted) -> RunStarted:
    """As it begins when everything is there: nothing is spent. A preview still says what would be."""
    return started if started.mode == "preview" else replace(started, usd=0.0, unpriced=0)


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
    """Leave a receipt at `path`, unless something that was read has changed meanwhile.

    A receipt that cannot be written is no loss.
    """
    media = [stamp(str(p)) for p in used.media]
    if witness.started is None or witness.ended is None or any(s[2] > used.since * 1e9 for s in media):
        return
    receipt = Receipt(
        program(),
        {str(p): digest for p, digest in used.texts.items()},
        [*media, *(stamp(str(p)) for p in used.left)],
        witness.started,
        witness.skipped,
        witness.finished,
        witness.ended.outputs,
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if receipt.stands():
            disk.replace(path, [json.dumps(_plain(receipt)).encode("utf-8", "surrogatepass")], mode=0o600)
    except (OSError, StoreError, ValueError):
        path.unlink(missing_ok=True)


def standing(path: Path) -> Receipt | None:
    """The receipt at `path`, if there is one and it stands."""
    try:
        receipt = _receipt(json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None
    return receipt if receipt.stands() else None


def stamp(path: str) -> Stamp:
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


def _files_of(folder: str) -> Iterator[Stamp]:
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


def _plain(receipt: Receipt) -> dict[str, Any]:
    started = receipt.started
    return {
        "program": receipt.program,
        "texts": receipt.texts,
        "stamps": receipt.stamps,
        "started": {name: getattr(started, name) for name in RunStarted.__slots__},
        "skipped": receipt.skipped,
        "finished": [[e.address, e.uses, e.files] for e in receipt.finished],
        "outputs": receipt.outputs,
    }


def _receipt(data: dict[str, Any]) -> Receipt:
    return Receipt(
        data["program"],
        data["texts"],
        [(path, size, moment) for path, size, moment in data["stamps"]],
        RunStarted(**data["started"]),
        data["skipped"],
        [NodeFinished(a, uses, 0.0, 0.0, tuple(files), reused=True) for a, uses, files in data["finished"]],
        data["outputs"],
    )
