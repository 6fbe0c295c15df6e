"""The events of a run, in the order in which they happen. They are the only output of the runtime; every view
shows them.

The JSON form is one object per line: `event` first, then the fields of the class; absent values are left out.
The first line is always `run_started` (it carries `version`), the last always `run_finished`; where something
is raised, `run_aborted` is the last line, and may be the only one. docs/events.md is the reference.

A new event is a class here, a member of `Event`, and a line where it is emitted. Views that do not know it
ignore it. Its example in scripts/pages/events.py documents it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields, replace
from typing import Any, ClassVar, Literal, get_args

from callsheet.errors import Kind
from callsheet.spec.json_documents import DiagnosticJson
from callsheet.spec.json_writer import json_writer

VERSION = 2
"""Version 1 has no run, time, number and instances, and a `node_finished` for each reused instance."""

Mode = Literal["preview", "run"]
Status = Literal["done", "failed", "waiting", "interrupted"]
Gate = Literal["closed", "changed", "open"]
Trouble = Literal["pipeline", "input", "store", "bug"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False, repr=False)
class Stamp:
    """The fields of every event. run: the run's name, as `callsheet show` takes it; the pipeline's, where
    nothing is bought. time: seconds since 1970, UTC. number: of the event in its run, from 1. Events with
    equal content are equal, whatever their stamps."""

    run: str = field(default="", compare=False)
    time: float = field(default=0.0, compare=False)
    number: int = field(default=0, compare=False)

    # Written once instead of made for each event: every command imports this, and would wait for it.
    def __eq__(self, other: object) -> bool:
        return type(self) is type(other) and self._said() == other._said()

    def __hash__(self) -> int:
        return hash((type(self), *self._said()))

    def __repr__(self) -> str:
        values = ", ".join(f"{f.name}={getattr(self, f.name)!r}" for f in fields(self) if f.compare)
        return f"{type(self).__name__}({values})"

    def _said(self) -> tuple[object, ...]:
        return tuple(getattr(self, f.name) for f in fields(self) if f.compare)

    def to_json(self) -> dict[str, Any]:
        """The event as JSON values, as in a line of `--output json`."""
        found: dict[str, Any] = json.loads(to_json(self))  # type: ignore[arg-type]
        return found


@dataclass(frozen=True, slots=True)
class Planned:
    """An instance of a run. node: its name in the file. uses: the endpoint or operation. provider: of the
    endpoint. action: what the run does with it, as in `callsheet plan`. usd: USD that this is expected to
    cost (in a preview: would cost), None when no price is known."""

    address: str
    node: str
    uses: str
    provider: str
    action: str
    usd: float | None


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunStarted(Stamp):
    """The run begins. total: how many instances it has. usd: what it may spend at known prices; in a preview,
    what all of them would cost. instances: in topological order."""

    event: ClassVar[str] = "run_started"
    pipeline: str
    path: str
    mode: Mode
    total: int
    usd: float
    unpriced: int
    instances: tuple[Planned, ...] = ()
    version: int = VERSION


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunGrew(Stamp):
    """A list that an axis ranges over is known, and with it more instances. axes: address of the list → its
    keys. total, usd and unpriced: of the whole run, as far as it is known now. instances: the new ones."""

    event: ClassVar[str] = "run_grew"
    axes: Mapping[str, tuple[str, ...]]
    total: int
    usd: float
    unpriced: int
    instances: tuple[Planned, ...] = ()


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunReused(Stamp):
    """Instances that earlier runs made are taken from the store. count: how many. nodes: how many of each
    node. files: address → paths under out/, best first."""

    event: ClassVar[str] = "run_reused"
    count: int
    nodes: Mapping[str, int]
    files: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunNote(Stamp):
    """Something about the whole run that a person should know while it goes on: the shared store is away, or
    takes results again; or the ledger on a server does not answer, and all that is written waits for it."""

    event: ClassVar[str] = "run_note"
    message: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeSkipped(Stamp):
    """`when` is false for this instance: it is not made."""

    event: ClassVar[str] = "node_skipped"
    address: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeStarted(Stamp):
    """Work on an instance begins. uses: the endpoint or operation. provider: who makes it."""

    event: ClassVar[str] = "node_started"
    address: str
    uses: str
    provider: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeProgress(Stamp):
    """The progress of an instance, 0 to 1; at most ten times a second for each."""

    event: ClassVar[str] = "node_progress"
    address: str
    fraction: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeWaiting(Stamp):
    """What an instance at work waits for. state: "started" until a provider has accepted its request; then
    "queued" or "running" there, "queued" also while an engine has no worker, "fetching" while the result is
    fetched, "pausing" before it is tried again, "another run" while another run of the project makes the
    same, or the provider's own word where it is none of these. position: how many are before it. trouble:
    what is in the way. by: the other run, and the machine that it is on, if that may be another one. seconds:
    for how long it is at work, where nothing changed and it is told again, once a minute."""

    event: ClassVar[str] = "node_waiting"
    address: str
    state: str
    position: int | None = None
    trouble: str = ""
    seconds: float | None = None
    by: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeFinished(Stamp):
    """An instance was made, or the same was found in the store (`reused`). files: under out/, best first.
    unpriced: nobody knows what it cost, and `usd` is 0. warnings: what did not come as promised and is not
    used, or what of a file was not read. where: the machine and process that made it, where that is another
    one than that of the run."""

    event: ClassVar[str] = "node_finished"
    address: str
    uses: str
    seconds: float
    usd: float
    files: tuple[str, ...] = ()
    reused: bool = False
    unpriced: bool = False
    warnings: tuple[str, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeFailed(Stamp):
    """An instance could not be made. report: for a bug, the text for a bug report."""

    event: ClassVar[str] = "node_failed"
    address: str
    uses: str
    seconds: float
    kind: Kind
    message: str
    next_step: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeFellBack(Stamp):
    """An instance was refused or failed for good, and `to`, its next alternative, is tried."""

    event: ClassVar[str] = "node_fell_back"
    address: str
    uses: str
    seconds: float
    kind: Kind
    message: str
    to: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeBlocked(Stamp):
    """An instance cannot start, since `cause`, which it needs, failed."""

    event: ClassVar[str] = "node_blocked"
    address: str
    cause: str


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeIncomplete(Stamp):
    """An instance is made though elements of its lists are missing. placeholder: slates replace them."""

    event: ClassVar[str] = "node_incomplete"
    address: str
    missing: tuple[str, ...]
    placeholder: bool


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeGate(Stamp):
    """An instance with `approve: true` is made. gate: "closed": what needs it waits until a person approves
    it; "changed": likewise, since another result was approved; "open": this is a preview, which goes on."""

    event: ClassVar[str] = "node_gate"
    address: str
    gate: Gate
    files: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class NodeInterrupted(Stamp):
    """An instance was in progress when the run was stopped. What a provider accepted, the next run
    fetches."""

    event: ClassVar[str] = "node_interrupted"
    address: str
    seconds: float


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunFinished(Stamp):
    """The run is over. outputs: name → value, media as paths. The counts add up to the last `total`.
    unpriced: calls of this run that `usd` does not cover, since nobody knows their price."""

    event: ClassVar[str] = "run_finished"
    status: Status
    outputs: Mapping[str, object] = field(default_factory=dict)
    made: int = 0
    reused: int = 0
    failed: int = 0
    blocked: int = 0
    waiting: int = 0
    spare: int = 0
    not_started: int = 0
    seconds: float = 0.0
    usd: float = 0.0
    unpriced: int = 0
    message: str = ""
    next_step: str = ""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class RunAborted(Stamp):
    """The run could not begin, or not go on; no event follows. kind: what is wrong. diagnostics: of the file,
    as `callsheet check --json` gives them."""

    event: ClassVar[str] = "run_aborted"
    kind: Trouble
    message: str
    next_step: str = ""
    diagnostics: tuple[DiagnosticJson, ...] = ()
    version: int = VERSION


Event = (
    RunStarted
    | RunGrew
    | RunReused
    | RunNote
    | NodeSkipped
    | NodeStarted
    | NodeProgress
    | NodeWaiting
    | NodeFinished
    | NodeFailed
    | NodeFellBack
    | NodeBlocked
    | NodeIncomplete
    | NodeGate
    | NodeInterrupted
    | RunFinished
    | RunAborted
)


Emit = Callable[[Event], None]
"""Takes each event as it happens, in order."""


class Stream:
    """Stamps the events of one run and passes them to its readers. run: the run's name."""

    def __init__(self, emit: Emit, run: str) -> None:
        self.run = run
        self.last: Event | None = None
        self._readers = [emit]
        self._number = 0

    def add_reader(self, reader: Emit) -> None:
        """Pass each event to `reader`, too, before the others get it."""
        self._readers.insert(0, reader)

    def __call__(self, event: Event) -> None:
        self._number += 1
        stamped = self.last = replace(event) if event.number else event
        _stamp(stamped, self.run, round(time.time(), 3), self._number)
        for reader in self._readers:
            reader(stamped)


def _stamp(event: Event, run: str, time: float, number: int) -> None:
    """Set on the event itself, which nobody has read yet: a copy costs as much as most readers of it."""
    object.__setattr__(event, "run", run)
    object.__setattr__(event, "time", time)
    object.__setattr__(event, "number", number)


def to_json(event: Event) -> str:
    """The event as one line of JSON, without its line end."""
    values = {name: getattr(event, name) for name in _NAMES[event.event]}
    kept = {name: value for name, value in values.items() if value not in ("", (), None)}
    return _WRITE({"event": event.event, **kept})


STAMP = tuple(field.name for field in fields(Stamp))


def _names(kind: type[Any]) -> tuple[str, ...]:
    """The fields of an event in the order of their JSON."""
    first = ["version"] if kind in (RunStarted, RunAborted) else []
    return (*first, *STAMP, *(f.name for f in fields(kind) if f.name not in STAMP))


_WRITE = json_writer(ensure_ascii=False, default=lambda value: _as_object(value))
_NAMES: dict[str, tuple[str, ...]] = {kind.event: _names(kind) for kind in get_args(Event)}


def _as_object(value: Any) -> dict[str, object]:
    """A dataclass inside of an event; what is inside of it comes here itself."""
    return {f.name: getattr(value, f.name) for f in fields(value)}
