"""Runs that go on: `resume`, `aresume` to await it, `start_resume` for a thread of its own; and `fetch`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Common, Place, allowing, project_at
from callsheet.api.handle import awaited, started
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.consent import Confirm
from callsheet.runtime.event_readers import Aborting
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.fetch import FetchedAll
from callsheet.runtime.fetch import fetch as fetch_all
from callsheet.runtime.plan.run_options import RunSettings
from callsheet.runtime.resume import Limits, request_of
from callsheet.runtime.resume import resume as go_on
from callsheet.spec.permissions import granting
from callsheet.spec.project import lock_at


def resume(
    name: str | None = None,
    project: str | Path = ".",
    state: str | Path | None = None,
    store: str = "",
    emit: Callable[[Event], None] | None = None,
    budget: float | None = None,
    confirm: Confirm = False,
    unpriced: float | None = None,
    webhook: str = "",
    buy_again: bool = False,
    secrets: Sequence[str] = (),
    allow: Sequence[str] = (),
    own_prices: Sequence[str] = (),
    trust: bool | None = None,
    stop: Stop | None = None,
    on: str = "",
    **given: Unpack[Common],
) -> Result:
    """Continue the run called `name`, or the newest: fetch what is paid for, and make what is missing.
    `callsheet resume`.

    project: a folder in the project. budget, confirm: who agrees to what is new since that run, as in `run`;
    a new budget is an answer, too. The run's own budget still holds. The other parameters are those of `run`.

    Raises InputError when there is no such run, when it is done, and when nobody agreed to what is new;
    PipelineError when the pipeline has errors now. `emit` is told of what is raised, too.
    """
    place: Place = {"project": project, "state": state}
    with ExitStack() as stack:
        tell = stack.enter_context(Aborting(emit or (lambda _: None)))
        stack.enter_context(granting(secrets, allow, own_prices))
        stack.enter_context(allowing(given, making=True, trust=trust, store=store))
        workspace = stack.enter_context(project_at(place))
        lock = given.get("lock")
        if lock is not None:
            stack.enter_context(lock_at(request_of(workspace, name).file, Path(lock)))
        limits = Limits(budget, False if unpriced is None else unpriced)
        settings = RunSettings(on=on, store=store, webhook=webhook, pay_again=buy_again)
        return go_on(workspace, name, tell, confirm, limits, settings, stop)


def fetch(**place: Unpack[Place]) -> FetchedAll:
    """Fetch every result that is paid for. Sends no new request. `callsheet resume --fetch-only`.

    Raises InputError while a run is at work in the project.
    """
    with project_at(place) as workspace:
        return fetch_all(workspace)


aresume = awaited(resume, "aresume")
start_resume = started(resume, "start_resume")
