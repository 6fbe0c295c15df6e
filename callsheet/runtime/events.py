"""What a run says, as it happens. The only output of the runtime; every view is a reader of it.

The JSON form is one object per line: `event` first, then the fields of the class, absent values left
out. The first line is always `run_started` (it carries `version`), the last always `run_finished`.
docs/events.md is the reference.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import ClassVar, Literal

from callsheet.errors import Kind

VERSION = 1

Mode = Literal["preview", "run"]
Status = Literal["done", "failed", "waiting", "interrupted"]
Gate = Literal["closed", "changed", "open"]


@dataclass(frozen=True, slots=True)
class RunStarted:
    """The run begins. total: instances there are. usd: what it may spend, as far as prices are known; of a
    preview, what all of them would cost."""

    event: ClassVar[str] = "run_started"
    pipeline: str
    path: str
    mode: Mode
    total: int
    usd: float
    unpriced: int
    version: int = VERSION


@dataclass(frozen=True, slots=True)
class RunGrew:
    """A list that an axis ranges over is there, and with it more instances. axes: the list's address → its
    keys. total, usd and unpriced: of the whole run, as far as it is known now."""

    event: ClassVar[str] = "run_grew"
    axes: Mapping[str, tuple[str, ...]]
    total: int
    usd: float
    unpriced: int


@dataclass(frozen=True, slots=True)
class NodeSkipped:
    """`when` is false for this instance: it is not made."""

    event: ClassVar[str] = "node_skipped"
    address: str


@dataclass(frozen=True, slots=True)
class NodeStarted:
    """Work on an instance begins. uses: what makes it. provider: who is asked."""

    event: ClassVar[str] = "node_started"
    address: str
    uses: str
    provider: str


@dataclass(frozen=True, slots=True)
class NodeProgress:
    """How far an instance is, 0 to 1; at most ten times a second for each."""

    event: ClassVar[str] = "node_progress"
    address: str
    fraction: float


@dataclass(frozen=True, slots=True)
class NodeWaiting:
    """What the provider says of a request. state: "queued" or "running". position: how many are before it."""

    event: ClassVar[str] = "node_waiting"
    address: str
    state: str
    position: int | None = None


@dataclass(frozen=True, slots=True)
class NodeFinished:
    """An instance was made, or taken from the store (`reused`). files: under out/, best first."""

    event: ClassVar[str] = "node_finished"
    address: str
    uses: str
    seconds: float
    usd: float
    files: tuple[str, ...] = ()
    reused: bool = False


@dataclass(frozen=True, slots=True)
class NodeFailed:
    """An instance could not be made. report: for a bug, what to paste into a bug report."""

    event: ClassVar[str] = "node_failed"
    address: str
    uses: str
    seconds: float
    kind: Kind
    message: str
    next_step: str = ""
    report: str = ""


@dataclass(frozen=True, slots=True)
class NodeFellBack:
    """An instance was refused or failed for good, and `to`, its next alternative, is tried in its place."""

    event: ClassVar[str] = "node_fell_back"
    address: str
    uses: str
    seconds: float
    kind: Kind
    message: str
    to: str


@dataclass(frozen=True, slots=True)
class NodeBlocked:
    """An instance cannot start, since `cause`, which it needs, failed."""

    event: ClassVar[str] = "node_blocked"
    address: str
    cause: str


@dataclass(frozen=True, slots=True)
class NodeIncomplete:
    """An instance is made though elements of its lists are missing. placeholder: slates stand for them."""

    event: ClassVar[str] = "node_incomplete"
    address: str
    missing: tuple[str, ...]
    placeholder: bool


@dataclass(frozen=True, slots=True)
class NodeGate:
    """An instance with `approve: true` is there. gate: "closed": what needs it waits until a person approves
    it; "changed": likewise, since what was approved was another result; "open": a preview goes on."""

    event: ClassVar[str] = "node_gate"
    address: str
    gate: Gate
    files: tuple[str, ...] = ()
    next_step: str = ""


@dataclass(frozen=True, slots=True)
class NodeInterrupted:
    """An instance was at work when the run was stopped. What a provider accepted, the next run fetches."""

    event: ClassVar[str] = "node_interrupted"
    address: str
    seconds: float


@dataclass(frozen=True, slots=True)
class RunFinished:
    """The run is over. outputs: name → value, media as paths. The counts add up to the total told last."""

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
    message: str = ""
    next_step: str = ""


Event = (
    RunStarted
    | RunGrew
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
)


Emit = Callable[[Event], None]
"""Takes each event as it happens, in order."""


def to_json(event: Event) -> str:
    """The event as one line of JSON, without its line end."""
    values = {f.name: getattr(event, f.name) for f in fields(event)}
    kept = {name: value for name, value in values.items() if value not in ("", (), None)}
    if isinstance(event, RunStarted):
        kept = {"version": kept.pop("version"), **kept}
    return json.dumps({"event": event.event, **kept}, ensure_ascii=False)
