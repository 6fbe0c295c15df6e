"""The JSON of values whose JSON is not that of their fields; `callsheet schema` makes its schemas from it.

Money is in USD, lengths are in seconds; null stands for what is not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, NotRequired, TypedDict

Action = Literal["make", "may change", "re-attach", "blocked", "declined", "unknown", "reuse", "skipped"]


class DiagnosticJson(TypedDict):
    """A finding about a file. code: of the rule. line, column: from 1; the end column is exclusive. help: the
    next step."""

    code: str
    severity: Literal["error", "warning"]
    path: str
    line: int
    column: int
    end_line: int
    end_column: int
    message: str
    help: str
    notes: list[str]


class ErrorJson(TypedDict):
    """Something that was raised. diagnostics: of a pipeline file."""

    kind: str
    message: str
    next_step: str
    diagnostics: NotRequired[list[DiagnosticJson]]


class CheckJson(TypedDict):
    """What `check` found. nodes, instances: null where there are errors. pending: at most so many instances
    come with lists that are not known yet."""

    version: Literal[1]
    path: str
    ok: bool
    nodes: int | None
    instances: int | None
    pending: NotRequired[int]
    diagnostics: list[DiagnosticJson]


class ChecksJson(TypedDict):
    """What `check` found in several pipelines."""

    version: Literal[1]
    ok: bool
    pipelines: list[CheckJson]


class BoxJson(TypedDict):
    """A node, or an instance. pending: at most so many instances come with lists that are not known yet."""

    name: str
    uses: str
    instances: int
    pending: NotRequired[int]


EdgeJson = TypedDict("EdgeJson", {"from": str, "to": str})


class GraphJson(TypedDict):
    """The graph of a pipeline. outputs: name → boxes that they come from."""

    version: Literal[1]
    name: str
    nodes: list[BoxJson]
    edges: list[EdgeJson]
    outputs: dict[str, list[str]]


class PriceJson(TypedDict):
    """Where a price comes from, its day, and its range with the reasons where it is one."""

    origin: str
    date: NotRequired[str]
    lower: NotRequired[str]
    low: NotRequired[float | None]
    high: NotRequired[float | None]
    why: NotRequired[list[str]]


class RangeJson(TypedDict):
    """USD. high is null where a price is not known. worst: if every attempt fails and every alternative is
    tried. blocked: of what waits for an approval. unpriced: calls without a known price."""

    low: float
    high: float | None
    worst: NotRequired[float | None]
    blocked: NotRequired[float]
    unpriced: NotRequired[int]


class StepJson(TypedDict):
    """An instance of a plan. outputs: output → what is known of its media. key: null while it depends on
    results that are not made."""

    address: str
    node: str
    uses: str
    needs: list[str]
    outputs: dict[str, dict[str, Any]]
    usd: float | None
    action: Action
    reason: str
    key: str | None
    price: NotRequired[PriceJson]


class BudgetJson(TypedDict):
    """A budget. counted: of it spent or in doubt. unpriced: what a call without a known price counts as.
    source: who says so."""

    usd: float
    counted: float
    unpriced: float | None
    source: str


class TimeJson(TypedDict):
    """How long a run takes. path: the addresses that it waits for. measured: how many of these
    earlier runs tell the time of."""

    seconds: float
    path: list[str]
    measured: int


class NeedJson(TypedDict):
    """Something that a person has to grant."""

    kind: Literal["secret", "endpoint", "price"]
    name: str
    uses: str
    provider: str


class ElsewhereJson(TypedDict):
    """What is paid for in another state, or named by a lock file alone."""

    lock: NotRequired[str]
    state: NotRequired[str]
    addresses: list[str]
    usd: float


class PendingJson(TypedDict):
    """What lists that are not known yet may add at a node: at most `most` instances. after: the addresses
    that make the lists."""

    node: str
    uses: str
    most: int
    usd: RangeJson
    after: list[str]


class TooShortJson(TypedDict):
    """A shot of which the cut shows more than there is. shown: the second of it to which the cut shows it.
    parameter, value: what makes it long enough. usd: of a call with that value; now_usd: of one as it is."""

    address: str
    seconds: float
    shown: float
    parameter: str | None
    value: str | int | float | None
    usd: float | None
    now_usd: float | None


class RowJson(TypedDict):
    """What one film of a table costs. to_make: how many instances are made for it."""

    to_make: int
    usd: float | None


class PlanJson(TypedDict):
    """What a run would do. steps: each after everything that it needs. seconds: of the film. callsheet_plan,
    record, ground: of a saved plan, which `callsheet run` executes."""

    version: Literal[1]
    pipeline: str
    steps: list[StepJson]
    skipped: list[str]
    counts: dict[str, int]
    usd: RangeJson
    seconds: float | None
    time: TimeJson
    budget: NotRequired[BudgetJson]
    needs: NotRequired[list[NeedJson]]
    paid_elsewhere: NotRequired[ElsewhereJson]
    notes: NotRequired[list[str]]
    pending: NotRequired[list[PendingJson]]
    rows: NotRequired[dict[str, RowJson]]
    too_short: NotRequired[list[TooShortJson]]
    callsheet_plan: NotRequired[int]
    record: NotRequired[Mapping[str, Any]]
    ground: NotRequired[Mapping[str, Any]]


class PlansJson(TypedDict):
    """Several plans, and what all of them cost."""

    version: Literal[1]
    plans: list[PlanJson]
    usd: RangeJson


PartJson = TypedDict(
    "PartJson", {"name": str, "value": str, "was": NotRequired[str], "from": NotRequired[str]}
)


class ReachedJson(TypedDict):
    """An instance that depends on another one."""

    address: str
    action: Action
    usd: float | None


class ShotJson(TypedDict):
    """A shot of a joined film. frame, frames: its first picture in the film, from 0, and how many there are.
    sample, samples: the same of its sound, at 48 kHz. start: seconds of its clip before its first picture.
    speed: how many times as fast it runs."""

    number: int
    address: str | None
    take: int
    frame: int
    frames: int
    sample: int
    samples: int
    start: float
    speed: float


class ExplanationJson(TypedDict):
    """What an instance is made of, what changed, and what that affects."""

    version: Literal[1]
    address: str
    uses: str
    provider: str
    action: Action
    reason: str
    key: str | None
    key_before: str | None
    components: Mapping[str, Any] | None
    parameters: list[PartJson]
    reaches: list[ReachedJson]
    price: PriceJson | None
    pending: list[PendingJson]
    guesses: dict[str, list[str]]
    shots: list[ShotJson]
    told: dict[str, Any]
    where: NotRequired[str]


class DifferenceJson(TypedDict):
    """A difference of a parameter. words: the parts of a text that differ."""

    parameter: str
    old: Any
    new: Any
    reason: str
    words: NotRequired[list[list[str]]]


class PaidJson(TypedDict):
    """What was paid for an instance. before: whether the old side has the result, too."""

    usd: float | None
    before: bool


class PaidSidesJson(TypedDict):
    """What was paid. branch: by the new side; before: by the old side."""

    branch: NotRequired[float]
    before: NotRequired[float]


class ChangeJson(TypedDict):
    """An instance that differs."""

    what: str
    address: str
    before: NotRequired[str]
    uses: str
    usd: float | None
    sure: bool
    reason: str
    paid: NotRequired[PaidJson]
    differences: list[DifferenceJson]


class ChangesJson(TypedDict):
    """What differs between two states of a film."""

    version: Literal[1]
    pipeline: str
    old: str
    new: str
    moved_from: NotRequired[str]
    nodes: dict[str, Any]
    axes: list[dict[str, Any]]
    settings: list[str]
    instances: list[ChangeJson]
    usd: RangeJson
    paid: NotRequired[PaidSidesJson]
    prices: dict[str, dict[str, str | None]]
    pictures: NotRequired[list[dict[str, Any]]]
    too_short: NotRequired[list[TooShortJson]]
    film: dict[str, dict[str, float | None]]


class ForgottenJson(TypedDict):
    """What a lock file lacks. fault: in words."""

    fault: str
    path: str
    differences: list[str]


class FilmJson(TypedDict):
    """What differs in one of several films. lock: what its lock file lacks."""

    path: str
    what: str
    error: str | None
    lock: ForgottenJson | None
    changes: ChangesJson | None


class FilmsJson(TypedDict):
    """What differs in several films."""

    version: Literal[1]
    old: str
    new: str
    usd: RangeJson
    paid: PaidSidesJson
    films: list[FilmJson]


class CallJson(TypedDict):
    """A paid call of a run."""

    endpoint: str
    usd: float
    state: str


class CallChangeJson(TypedDict):
    """A call that differs between two runs; null on the side that does not have it."""

    address: str
    uses: str
    old: CallJson | None
    new: CallJson | None
    reason: str


class RunJson(TypedDict):
    """One of two runs."""

    run: str
    status: str
    usd: float


class RunChangesJson(TypedDict):
    """What differs between two runs. same: calls that are in both."""

    version: Literal[1]
    old: RunJson
    new: RunJson
    calls: list[CallChangeJson]
    same: int


FitJson = TypedDict(
    "FitJson",
    {
        "endpoint": str,
        "task": str,
        "seconds": float | None,
        "audio": bool | None,
        "usd": float | None,
        "price": PriceJson,
        "resolutions": list[str],
        "with": dict[str, Any],
        "problem": str | None,
    },
)
StoredFileJson = TypedDict(
    "StoredFileJson",
    {
        "store": str,
        "uses": str,
        "film": str,
        "at": str,
        "usd": float | None,
        "output": str,
        "sha256": str,
        "take": int,
        "with": Mapping[str, Any],
    },
)


class ModelPageJson(TypedDict):
    """Everything that is known of a model: its parameters, outputs, prices and sources, too."""

    version: Literal[1]
    endpoint: str
    task: str


class LocksJson(TypedDict):
    """What was done with several lock files, or found in them: each as for one."""

    version: Literal[1]
    locks: list[dict[str, Any]]


class ReportJson(TypedDict):
    """A page about a film. path: of the page or the zip file. folder: with media beside it. inside, beside:
    how many files. size: of the page in bytes. notes: what could not be shown."""

    version: Literal[1]
    path: str
    folder: str | None
    inside: int
    beside: int
    size: int
    notes: list[str]


class OriginJson(TypedDict):
    """What made a file: the note inside of it, or else what a shared store says."""

    version: Literal[1]
    provenance: dict[str, Any] | None
    stored: StoredFileJson | None


class NoteJson(TypedDict):
    """A note on a film. stale: why it is not about what the film shows now, null where it is."""

    id: str
    text: str
    author: str
    status: str
    stale: NotRequired[str | None]


class NotesJson(TypedDict):
    """The notes on a film. open: how many are not done."""

    version: Literal[1]
    file: str
    notes: list[NoteJson]
    open: int
    problems: list[str]
