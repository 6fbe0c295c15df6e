"""The document of a page: everything that it shows, as typed values with a version.

`to_json` gives JSON values; what is empty is left out. Instances, runs and media refer to each other: an
instance by its index in `instances`, a run by its name, a medium by its id in `media`. Money is in USD,
lengths are in seconds, moments in seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Final

VERSION: Final = 1
"""A change that an older page would misunderstand increases it."""
EMPTY: Final[tuple[object, ...]] = ("", (), [], {}, None)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Medium:
    """A media file that the page may show. kind: image, video, audio or file. name: of the file. preview: a
    stand-in that no model made. poster: where its still picture is, src: where it plays from; a URL
    relative to the page, or `#` and the id of a part of the page; "" for none. note: why it cannot be
    shown, "" where it can.
    """

    kind: str
    name: str
    seconds: float | None = None
    width: int | None = None
    height: int | None = None
    fps: float | None = None
    audio: bool | None = None
    preview: bool = False
    poster: str = ""
    src: str = ""
    note: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return _kept(
            kind=self.kind,
            name=self.name,
            seconds=self.seconds,
            width=self.width,
            height=self.height,
            fps=self.fps,
            audio=self.audio or None,
            preview=self.preview or None,
            poster=self.poster,
            src=self.src,
            note=self.note,
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter of an instance. value: as text, "" while it is not known. sources: indices of the instances
    that it comes from. media: ids of the user's own files in it."""

    name: str
    value: str = ""
    sources: tuple[int, ...] = ()
    media: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As JSON values."""
        return _kept(name=self.name, value=self.value, sources=self.sources, media=self.media)


@dataclass(frozen=True, slots=True)
class Decided:
    """What a person decided: takes, pick, approve or reject. by, at, note: who, when (ISO 8601), why."""

    kind: str
    number: int = 0
    by: str = ""
    at: str = ""
    note: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return _kept(kind=self.kind, number=self.number or None, by=self.by, at=self.at, note=self.note)


@dataclass(frozen=True, slots=True)
class Bought:
    """The call that a result came from. run: name. at: when the result was there. usd: None where nobody
    knows. request: the provider's number of it."""

    run: str
    at: float
    usd: float | None
    request: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return _kept(run=self.run, at=round(self.at, 3), usd=self.usd, request=self.request)


@dataclass(frozen=True, slots=True)
class InstanceView:
    """One instance, one take of it.

    shot: what its row is called. action, reason, usd: what a run would do with it now, why, and for how much,
    as in `callsheet plan`. most: USD if every attempt is paid. needs: indices of what it is made from.
    prompt: the name of the parameter that says what is seen or said, "" for none. files: output → media
    ids. texts: outputs without media. key: the beginning of its key. gate: it waits for an approval. spare:
    only an alternative of another instance needs it.
    """

    address: str
    node: str
    uses: str
    provider: str
    shot: str = ""
    take: int = 1
    takes: int = 1
    picked: bool = True
    action: str = ""
    reason: str = ""
    usd: float | None = 0.0
    most: float | None = None
    needs: tuple[int, ...] = ()
    prompt: str = ""
    seed: int | None = None
    parameters: tuple[Parameter, ...] = ()
    files: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    texts: Mapping[str, str] = field(default_factory=dict)
    decisions: tuple[Decided, ...] = ()
    bought: Bought | None = None
    key: str = ""
    gate: bool = False
    spare: bool = False

    def to_json(self) -> Json:
        """As JSON values. usd is null where no price is known."""
        found = _kept(
            address=self.address,
            node=self.node,
            uses=self.uses,
            provider=self.provider,
            shot=self.shot,
            take=self.take if self.takes > 1 else None,
            takes=self.takes if self.takes > 1 else None,
            picked=None if self.picked else False,
            action=self.action,
            reason=self.reason,
            most=self.most,
            needs=self.needs,
            prompt=self.prompt,
            seed=self.seed,
            parameters=[part.to_json() for part in self.parameters],
            files={name: list(ids) for name, ids in self.files.items()},
            texts=dict(self.texts),
            decisions=[one.to_json() for one in self.decisions],
            bought=self.bought.to_json() if self.bought else None,
            key=self.key,
            gate=self.gate or None,
            spare=self.spare or None,
        )
        return {**found, "usd": self.usd}


@dataclass(frozen=True, slots=True)
class ShotView:
    """A shot of the film. instance: index of the one that made its clip, None for a file of the user's.
    frame, frames: its place in the film, in frames of the film. start, speed: as in `Shot`."""

    number: int
    instance: int | None
    frame: int
    frames: int
    start: float = 0.0
    speed: float = 1.0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "number": self.number,
            "instance": self.instance,
            "frame": self.frame,
            "frames": self.frames,
            "start": self.start,
            "speed": self.speed,
        }


@dataclass(frozen=True, slots=True)
class FilmView:
    """The film. instance: index of the one that made it, and medium: its file; None and "" while it is not
    made. outputs: name → the media ids and texts of the pipeline's other outputs. next: the command that
    makes what is missing, "" where all is made."""

    name: str
    path: str
    description: str = ""
    instance: int | None = None
    medium: str = ""
    fps: float = 24.0
    shots: tuple[ShotView, ...] = ()
    outputs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    next: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "name": self.name,
            "path": self.path,
            "description": self.description,
            "instance": self.instance,
            "medium": self.medium,
            "fps": self.fps,
            "shots": [shot.to_json() for shot in self.shots],
            "outputs": {name: list(ids) for name, ids in self.outputs.items()},
            "next": self.next,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the lanes. title: of the shot, or of an element of another axis; "" for what belongs to the
    whole film. axis: what it is an element of. main: whether it is a shot."""

    title: str
    axis: str = ""
    main: bool = False

    def to_json(self) -> Json:
        """As JSON values."""
        return _kept(title=self.title, axis=self.axis, main=self.main or None)


@dataclass(frozen=True, slots=True)
class Lanes:
    """Where each instance is in the lanes: shots are rows, stages are columns. columns: their titles. places:
    for each instance, in order, its row and column; takes of an instance share a place."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    places: tuple[tuple[int, int], ...]

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "columns": list(self.columns),
            "rows": [row.to_json() for row in self.rows],
            "places": [list(place) for place in self.places],
        }


@dataclass(frozen=True, slots=True)
class Bar:
    """One instance in the chart of a run. ready: when everything that it needs was there. started, ended: of
    the work on it; None where it was not begun, or goes on. sent, fetched: when the provider had accepted the
    request and when the result was there, None for local work. outcome: made, reused, failed, blocked,
    interrupted, "" while it goes on. usd: what was paid in this run; None where nobody knows."""

    instance: int
    ready: float
    started: float | None = None
    ended: float | None = None
    sent: float | None = None
    fetched: float | None = None
    outcome: str = ""
    usd: float | None = 0.0
    attempts: int = 0

    def to_json(self) -> Json:
        """As JSON values; times are seconds since the run began."""
        found = _kept(
            started=self.started,
            ended=self.ended,
            sent=self.sent,
            fetched=self.fetched,
            outcome=self.outcome,
            attempts=self.attempts if self.attempts > 1 else None,
        )
        return {"instance": self.instance, "ready": self.ready, **found, "usd": self.usd}


@dataclass(frozen=True, slots=True)
class RunView:
    """A run. status: done, failed, waiting, interrupted, running or killed. seconds: how long it took, None
    while it goes on. bars: in the order in which work began; () for a run that is only summed up. paid: what
    was spent by then: (seconds since the run began, USD in all). finished_by: the run that resumed this one
    and is done, "" if there is none."""

    name: str
    started: float
    status: str
    seconds: float | None
    calls: int
    usd: float
    unpriced: int = 0
    budget: float | None = None
    bars: tuple[Bar, ...] = ()
    paid: tuple[tuple[float, float], ...] = ()
    finished_by: str = ""

    def to_json(self) -> Json:
        """As JSON values."""
        found = _kept(
            name=self.name,
            started=round(self.started, 3),
            status=self.status,
            seconds=self.seconds,
            unpriced=self.unpriced or None,
            budget=self.budget,
            bars=[bar.to_json() for bar in self.bars],
            paid=[list(step) for step in self.paid],
            finished_by=self.finished_by,
        )
        return {**found, "calls": self.calls, "usd": self.usd}


@dataclass(frozen=True, slots=True)
class MoneyRow:
    """What one model cost for one shot in one run. expected: before it was sent. billed: by bills, None where
    there is none yet. usd: as billed, else as expected. unpriced: calls that `usd` does not cover."""

    shot: str
    uses: str
    run: str
    calls: int
    usd: float
    expected: float
    billed: float | None = None
    unpriced: int = 0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "shot": self.shot,
            "uses": self.uses,
            "run": self.run,
            "calls": self.calls,
            "usd": self.usd,
            "expected": self.expected,
            "billed": self.billed,
            **_kept(unpriced=self.unpriced or None),
        }


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is in the way. instance: index, None for a matter of the whole run. kind: as in the
    event `node_failed`, or blocked, unknown, declined, missing. run: in which run, "" for none. settled: it
    is made by now. next: what to do."""

    kind: str
    message: str
    next: str = ""
    instance: int | None = None
    run: str = ""
    settled: bool = False

    def to_json(self) -> Json:
        """As JSON values."""
        found = _kept(
            kind=self.kind,
            message=self.message,
            next=self.next,
            run=self.run,
            settled=self.settled or None,
        )
        return {**found, "instance": self.instance}


@dataclass(frozen=True, slots=True)
class Todo:
    """What is left to make, in USD. low, high, worst: as in `callsheet plan`. count: instances to make.
    pending: instances at most that come with lists which are not written yet."""

    count: int
    low: float
    high: float
    worst: float
    unpriced: int = 0
    pending: int = 0

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "count": self.count,
            "low": self.low,
            "high": self.high,
            "worst": self.worst,
            "unpriced": self.unpriced,
            "pending": self.pending,
        }


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference between two runs or two revisions. what: added, removed, changed, affected or renamed.
    words: the places that differ: (parameter, old text, new text). old, new: media ids of the results before
    and after. usd: (old, new) of two runs; of two revisions what making it costs."""

    what: str
    address: str
    uses: str
    reason: str
    words: tuple[tuple[str, str, str], ...] = ()
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    usd: tuple[float | None, float | None] = (None, None)
    instance: int | None = None

    def to_json(self) -> Json:
        """As JSON values."""
        found = _kept(
            words=[list(word) for word in self.words], old=self.old, new=self.new, instance=self.instance
        )
        return {
            "what": self.what,
            "address": self.address,
            "uses": self.uses,
            "reason": self.reason,
            "usd": list(self.usd),
            **found,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs or two revisions side by side. old, new: their names. kind: runs or revisions. same: how many
    instances are the same. usd: spent by each run; of revisions, the price of the whole film. seconds: length
    of the film, None where it is not known."""

    kind: str
    old: str
    new: str
    changes: tuple[Changed, ...]
    same: int
    usd: tuple[float, float]
    seconds: tuple[float | None, float | None] = (None, None)
    settings: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "changes": [change.to_json() for change in self.changes],
            "same": self.same,
            "usd": list(self.usd),
            "seconds": list(self.seconds),
            "settings": list(self.settings),
        }


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a page shows of one film.

    at: when it was written. shown: the name of the run whose chart is shown, "" for none. runs: newest first.
    spent: USD by all runs of the film. media: id → medium.
    """

    callsheet: str
    at: float
    film: FilmView
    instances: tuple[InstanceView, ...]
    lanes: Lanes
    todo: Todo
    runs: tuple[RunView, ...] = ()
    shown: str = ""
    money: tuple[MoneyRow, ...] = ()
    failures: tuple[Failure, ...] = ()
    spent: float = 0.0
    media: Mapping[str, Medium] = field(default_factory=dict)
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()

    def with_media(self, media: Mapping[str, Medium]) -> Document:
        """The document with these media in the place of those of the same ids."""
        return replace(self, media={**self.media, **media})

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "version": VERSION,
            "callsheet": self.callsheet,
            "at": round(self.at, 3),
            "film": self.film.to_json(),
            "todo": self.todo.to_json(),
            "instances": [instance.to_json() for instance in self.instances],
            "lanes": self.lanes.to_json(),
            "runs": [run.to_json() for run in self.runs],
            "shown": self.shown,
            "money": [row.to_json() for row in self.money],
            "failures": [failure.to_json() for failure in self.failures],
            "spent": self.spent,
            "media": {name: medium.to_json() for name, medium in self.media.items()},
            "comparison": self.comparison.to_json() if self.comparison else None,
            "notes": list(self.notes),
        }


def _kept(**fields: object) -> Json:
    """The fields that are not empty. 0 and False are kept."""
    return {name: value for name, value in fields.items() if value not in EMPTY}
