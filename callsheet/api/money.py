"""Runs and what they cost; requests that are pending, or whose outcome is unknown."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Unpack

from callsheet.api.given import Place, project_at
from callsheet.errors import InputError
from callsheet.runtime import cancel as cancelling
from callsheet.runtime import costs as adding
from callsheet.runtime import reconcile as reconciling
from callsheet.runtime import runs as past
from callsheet.runtime.adopt_state import Adopted
from callsheet.runtime.adopt_state import adopt_state as take_over
from callsheet.runtime.bills import Bills, read_bills
from callsheet.runtime.calls.reconcile import GRACE
from callsheet.runtime.cancel import Cancelled
from callsheet.runtime.costs import Cost
from callsheet.runtime.reconcile import Reconciled
from callsheet.runtime.runs import RunDetails, RunSummary
from callsheet.spec.document import Document

Group = Literal["film", "row", "shot", "model", "take", "month"]


@dataclass(frozen=True, slots=True)
class Runs(Document):
    """The runs of a project, newest first."""

    runs: tuple[RunSummary, ...]


@dataclass(frozen=True, slots=True)
class Costs(Document):
    """What was spent. by: what each line stands for. costs: the dearest first; by month, the newest first."""

    by: Group
    costs: tuple[Cost, ...]
    total: Cost


@dataclass(frozen=True, slots=True)
class CancelledRequests(Document):
    """What became of the requests that were pending."""

    requests: tuple[Cancelled, ...]


def runs(**place: Unpack[Place]) -> Runs:
    """The runs of a project, and what they cost. `callsheet runs`.

    place: see `Place`. Raises InputError when nothing was ever bought.
    """
    with project_at(place) as workspace:
        return Runs(tuple(past.runs(workspace)))


def bills(**place: Unpack[Place]) -> Bills:
    """Ask the providers what they billed for the requests of a project. `callsheet runs --bills`.

    place: see `Place`. Raises InputError while another process works on the project.
    """
    with project_at(place) as workspace:
        return read_bills(workspace)


def show(name: str | None = None, **place: Unpack[Place]) -> RunDetails:
    """The run called `name`, or the newest, request by request. `callsheet show`.

    place: see `Place`. Raises InputError when there is none.
    """
    with project_at(place) as workspace:
        return past.show(workspace, name)


def events(
    name: str | None = None, start: int = 1, follow: bool = False, **place: Unpack[Place]
) -> Iterator[str]:
    """The events of the run called `name`, or the newest, each one line of JSON. `callsheet show --events`.

    They are in the ledger, so that another process can read them; progress is not among them. start: the
    number of the first event to give. follow: go on until the run has ended. place: see `Place`. Raises
    InputError when there is no such run.
    """
    with project_at(place) as workspace:
        yield from past.events_from(workspace, name, start, follow)


def costs(by: Group = "film", **place: Unpack[Place]) -> Costs:
    """What the calls of a project cost: as billed where a bill is known, else as expected. `callsheet costs`.

    place: see `Place`. Raises InputError when nothing was ever bought.
    """
    with project_at(place) as workspace:
        found = adding.costs(workspace, by)
    return Costs(by, tuple(found), adding.total(found))


def cancel(name: str | None = None, only: Sequence[str] = (), **place: Unpack[Place]) -> CancelledRequests:
    """Cancel the pending requests of the run called `name`, or of the newest. `callsheet cancel`.

    Those that a model works on already may be billed. only: addresses whose requests are cancelled. place:
    see `Place`. Raises InputError when there is no such run, or another process works on the project.
    """
    with project_at(place) as workspace:
        return CancelledRequests(cancelling.cancel(workspace, name, only))


def reconcile(
    address: str = "",
    adopt: str | None = None,
    unseen: bool = False,
    lost: bool = False,
    pay_again: bool = False,
    grace: float = GRACE,
    **place: Unpack[Place],
) -> Reconciled:
    """Look up the requests whose outcome is unknown, and resolve those that can be proven; also reads bills.
    With `address` and one decision, resolve one yourself. `callsheet reconcile`.

    adopt: the request with this id is the one; its result is fetched by the next run. unseen: also if the
    provider does not show what the request asked for. lost: give it up; it stays counted as spent. pay_again:
    the next run sends it again; it may be paid twice. grace: seconds after which a request that the provider
    does not list was never accepted. place: see `Place`.

    Raises InputError when nothing was ever bought, there is no such request, or another process works on the
    project.
    """
    decisions = sum((adopt is not None, lost, pay_again))
    if decisions > 1:
        raise InputError("--adopt, --lost and --pay-again exclude each other", "choose one")
    if decisions and not address:
        raise InputError(
            "a decision is about one request", "name its instance: callsheet reconcile 'clip[\"dawn\"]' …"
        )
    with project_at(place) as workspace:
        if adopt is not None:
            return reconciling.decide(workspace, address, "adopt", adopt, unseen)
        if lost or pay_again:
            return reconciling.decide(workspace, address, "lost" if lost else "pay again")
        return reconciling.reconcile(workspace, grace)


def adopt_state(path: str | Path, **place: Unpack[Place]) -> Adopted:
    """Take the runs, requests and results in `path`/.callsheet over into a project. `callsheet adopt-state`.

    What was bought there is not bought again then. place: see `Place`. Raises InputError, StoreError.
    """
    with project_at(place) as workspace:
        return take_over(workspace, Path(path))
