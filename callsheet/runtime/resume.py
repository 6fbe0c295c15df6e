"""Continues a run: fetches the results that are paid for, then starts it again with its original input."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from callsheet.errors import InputError
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.consent import Confirm
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.fetch import fetch
from callsheet.runtime.plan.run_options import RunSettings
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan.stored_request import read_request
from callsheet.runtime.run import run
from callsheet.runtime.runs import run_called
from callsheet.runtime.start import Answers, Start
from callsheet.runtime.vouched import require_vouched
from callsheet.runtime.workspace import Workspace


class Limits(NamedTuple):
    """New limits of a run, as `RunRequest.under` takes them."""

    budget: float | None = None
    unpriced: bool | float = False


def resume(
    workspace: Workspace,
    name: str | None = None,
    emit: Callable[[Event], None] = lambda _: None,
    confirm: Confirm = False,
    limits: Limits = Limits(),  # noqa: B008, it is a tuple
    settings: RunSettings = RunSettings(),  # noqa: B008, nothing changes it
    stop: Stop | None = None,
) -> Result:
    """Continue the run called `name`, or the newest: fetch what is paid for, and make what is missing.

    emit: takes each event. confirm: who agrees to what is new since that run, as in `callsheet.run`. limits:
    a new budget (USD, for that run and those that go on from it) is an answer, too; the run's own budget
    still holds. settings: how it is made. stop: lets another thread stop the run.

    Raises InputError when there is no such run, when it is done, and when nobody agreed to what is new;
    PipelineError when the pipeline has errors now.
    """
    found = run_called(workspace, name)
    fetch(workspace, brief=found.status != "done")
    if found.status == "done":
        raise InputError(f"nothing to resume: {found.name} is done", "callsheet run makes what changed since")
    request = request_of(workspace, name).under(*limits)
    answers = Answers(confirm or limits.budget is not None)
    prepared = Start(workspace, request, replace(settings, resumes=found), answers).prepared()
    return run(prepared, emit, confirm=True, stop=stop)


def request_of(workspace: Workspace, name: str | None = None) -> RunRequest:
    """What the run called `name`, or the newest, was started with.

    Raises InputError when there is no such run, when Python code started it with a graph of its own, and when
    it reaches beyond the project and nobody on this machine started it so.
    """
    found = run_called(workspace, name)
    try:
        request = read_request(found.pipeline).at(workspace.root)
    except ValueError:
        raise InputError(
            f"nothing tells what {found.name} was started with",
            "start it again as it was started; what is paid for is reused",
        ) from None
    require_vouched(request, workspace.root, found.name)
    return request
