"""Continues a run: fetches the results that are paid for, then starts it again with its original input."""

from __future__ import annotations

from collections.abc import Callable

from callsheet.errors import InputError
from callsheet.runtime.check import load
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.fetch import fetch
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan.stored_request import read_request
from callsheet.runtime.prepare import prepare
from callsheet.runtime.run import run
from callsheet.runtime.runs import run_called
from callsheet.runtime.workspace import Workspace


def resume(
    workspace: Workspace,
    name: str | None = None,
    emit: Callable[[Event], None] = lambda _: None,
    store: str = "",
) -> Result:
    """Continue the run called `name`, or the newest. Nothing is paid twice.

    emit: takes each event. store: the folder or URL of a shared store. Raises InputError when there is no
    such run, PipelineError when the pipeline has errors now.
    """
    run_called(workspace, name)
    fetch(workspace)
    request = request_of(workspace, name)
    graph = load(request.file, request.sets, request.inputs, request.trust, workspace=workspace)
    return run(prepare(graph, workspace, request.options(store=store)), emit)


def request_of(workspace: Workspace, name: str | None = None) -> RunRequest:
    """What the run called `name`, or the newest, was started with.

    Raises InputError when there is no such run, or when Python code started it with a graph of its own.
    """
    found = run_called(workspace, name)
    try:
        return read_request(found.pipeline)
    except ValueError:
        raise InputError(
            f"nothing tells what {found.name} was started with",
            "start it again as it was started; what is paid for is reused",
        ) from None
