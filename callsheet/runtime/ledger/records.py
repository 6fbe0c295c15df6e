"""The records of the ledger, as values. Money is in whole micro-dollars, times are seconds since the
epoch."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from callsheet.errors import CallsheetError, NodeError, StoreError
from callsheet.runtime.ledger.states import State
from callsheet.spec.money import exact, telling
from callsheet.spec.types import MediaKind

MICROS: Final = 1_000_000


def micros(usd: float) -> int:
    """USD as whole micro-dollars, rounded to the nearest."""
    return round(usd * MICROS)


def dollars(amount: int) -> str:
    """Micro-dollars as text, with as many decimals as it takes: `$0.10`, `$0.0951`."""
    return exact(amount / MICROS)


@dataclass(frozen=True, slots=True)
class NewRun:
    """A run that begins. budget: micro-dollars that it and the runs it goes on from may reserve together,
    None for no limit.

    cap: micro-dollars that each call without a known price counts as, None where a budget allows no such
    call. resumes: the number of the first run of those that it goes on from. agreed: what a person agreed to,
    as JSON (see `callsheet.runtime.plan.agreement`).
    """

    name: str
    pipeline: str
    budget: int | None = None
    cap: int | None = None
    resumes: int | None = None
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """A run in the ledger; `status` is "" while it goes on, or if it was killed."""

    id: int
    name: str
    pipeline: str
    budget: int | None
    started: float
    finished: float | None
    status: str
    pid: int
    cap: int | None = None
    resumes: int | None = None
    agreed: str = ""

    @property
    def first(self) -> int:
        """The number of the first run of those that this one goes on from; its own if there is none."""
        return self.id if self.resumes is None else self.resumes

    @property
    def series(self) -> str:
        """What the names of all runs of the same film begin with: `lighthouse-`."""
        return self.name.rstrip("0123456789")


@dataclass(frozen=True, slots=True)
class Intent:
    """A paid request about to be made.

    key: what makes it the same as another (see `callsheet.runtime.keys`). body: the exact JSON text to
    send, without secrets. reserved: micro-dollars it is expected to cost, None when no price is known.
    inputs: parameter path → digest of the media that goes there. nonce: the body holds a seed that was
    drawn for this attempt alone, so no other request looks like it.
    """

    key: str
    provider: str
    endpoint: str
    body: str
    run: int
    address: str
    reserved: int | None
    token: str
    take: int = 1
    inputs: Mapping[str, str] = field(default_factory=dict)
    nonce: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """What becomes known with a step from one state to the next; None leaves a field unchanged."""

    request_id: str | None = None
    status_url: str | None = None
    response_url: str | None = None
    cancel_url: str | None = None
    reply: str | None = None
    result: str | None = None
    units: float | None = None
    served_from: str | None = None
    actual: int | None = None
    error_kind: str | None = None
    error: str | None = None
    decision: str | None = None
    sent_by: float | None = None
    boot: str | None = None
    uptime: float | None = None
    looked_boot: str | None = None
    looked_uptime: float | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt at one call: what was asked, how far it came, what is known of it.

    number counts the attempts of a key from 1. reply: the provider's raw answer to the submit. result:
    its raw result. units and served_from: what it says was billed, and by whom it was served. actual:
    micro-dollars really spent, None when not known. error: why it ended, or while it goes on, what keeps it
    from being fetched. decision: what a person decided about it. sent_by: the provider's time
    (epoch seconds) at a moment when it had certainly been sent. boot and uptime: how long this machine had
    been up when it was sent (seconds), and since which boot; looked_boot and looked_uptime: the same of when
    it was first looked for in the provider's listing.
    """

    id: int
    key: str
    number: int
    state: State
    provider: str
    endpoint: str
    take: int
    run: int
    address: str
    token: str
    body: str
    nonce: bool
    inputs: Mapping[str, str]
    reserved: int | None
    created: float
    actual: int | None = None
    request_id: str = ""
    status_url: str = ""
    response_url: str = ""
    cancel_url: str = ""
    reply: str = ""
    result: str = ""
    units: float | None = None
    served_from: str = ""
    error_kind: str = ""
    error: str = ""
    decision: str = ""
    sent_by: float | None = None
    boot: str = ""
    uptime: float | None = None
    looked_boot: str = ""
    looked_uptime: float | None = None
    sending: float | None = None
    accepted: float | None = None
    resulted: float | None = None
    ended: float | None = None

    @property
    def spent(self) -> int:
        """Micro-dollars that this attempt counts for in every budget."""
        return self.actual if self.actual is not None else self.reserved or 0

    @property
    def usd(self) -> float:
        """The same in USD."""
        return self.spent / MICROS

    @property
    def price(self) -> float | None:
        """What it cost in USD: as billed, else as expected; None when nobody knows."""
        return None if self.actual is None and self.reserved is None else self.usd


@dataclass(frozen=True, slots=True)
class Billed:
    """What was billed for a call whose result is stored. body, inputs: as in `Attempt`. actual:
    micro-dollars. at: when its result was there, in seconds since the epoch."""

    endpoint: str
    body: str
    inputs: Mapping[str, str]
    actual: int
    at: float


@dataclass(frozen=True, slots=True)
class Chargeable:
    """What of an attempt concerns its bill; the fields are those of `Attempt`. A run may have thousands, and
    their requests and results are no part of it."""

    id: int
    key: str
    provider: str
    endpoint: str
    address: str
    request_id: str
    reserved: int | None
    actual: int | None
    units: float | None
    created: float


@dataclass(frozen=True, slots=True)
class Kept:
    """A media file of a result that is in the store. place: where in the result ("images[0]")."""

    place: str
    kind: MediaKind
    digest: str
    suffix: str
    size: int


@dataclass(frozen=True, slots=True)
class Upload:
    """A file of the project that a provider can download. expires: when its URL ends, None for never
    known."""

    digest: str
    provider: str
    url: str
    at: float
    expires: float | None = None


@dataclass(frozen=True, slots=True)
class Frozen:
    """An output that axes range over, with which the graph of a run was extended. key: of the call that made
    it. value: JSON. status: of the run, "" while it goes on and when its process was killed."""

    key: str
    output: str
    run: int
    value: str
    status: str = ""


@dataclass(frozen=True, slots=True)
class Ceiling:
    """A limit for all runs of a project together: it is held against each call when that is reserved.

    limit: micro-dollars. since: what was asked for since then counts, in seconds since the epoch. source: who
    says so.
    """

    limit: int
    since: float
    source: str


class OverBudget(NodeError):
    """The price of a call exceeds what is left of a budget. All amounts: micro-dollars. source: who says it,
    "" for that of the run."""

    def __init__(self, address: str, price: int | None, spent: int, budget: int, source: str = "") -> None:
        rest = max(0, budget - spent) / MICROS
        tell = telling(rest if price is None else price / MICROS, rest)
        left = f"{tell(rest)} of {tell(budget / MICROS)}{f' ({source})' if source else ''} are left"
        if price is None:
            message = f"{address} has no known price, and the run has a budget ({left})"
            super().__init__(message, "local", "say what each such call counts as: --unpriced 0.50")
        else:
            message = f"{address} would cost {tell(price / MICROS)}, but {left}"
            super().__init__(message, "local", "raise the budget; what is already made is kept")


class Moved(CallsheetError):
    """The key has an attempt that is in progress or in doubt, or its newest one is another by now than the
    one that its caller judged, or in another state."""


class Forbidden(CallsheetError):
    """A step that the table of allowed steps does not have."""


class LedgerError(StoreError):
    """The ledger cannot be opened, read or written."""


class TakenOver(LedgerError):
    """Another process took this run for dead, and does what it left: it sends nothing more."""

    def __init__(self, run: str) -> None:
        super().__init__(
            f"{run} was taken over by another process while this one was cut off or stood still",
            "run it again: what is paid for is kept, and nothing is paid twice",
        )
