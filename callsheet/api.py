"""The Python API, the same as the command line: load, check, plan, run; and `arun`, which is awaited."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextvars import copy_context
from dataclasses import replace
from functools import partial, wraps
from inspect import signature
from pathlib import Path
from typing import Any, ParamSpec

from callsheet.dsl.graph import Graph
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.check import Checked, check, load
from callsheet.runtime.consent import Confirm
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.plan.plan import Plan
from callsheet.runtime.workspace import Workspace
from callsheet.spec.permissions import PERMISSIONS, granting
from callsheet.spec.profile import PROFILE, using

__all__ = ["Checked", "Stop", "arun", "check", "load", "plan", "run"]
Options = ParamSpec("Options")


def plan(
    pipeline: Graph | str | Path,
    state: str | Path | None = None,
    only: Sequence[str] = (),
    store: str = "",
    profile: str = "",
    own_prices: Sequence[str] = (),
) -> Plan:
    """What a run for money would do now, in order, with prices in USD where they are known. Makes nothing.

    state: the folder with what earlier runs left; what is there is reused and costs nothing. only: as in
    `run`. store: the folder or URL of a store that a team shares; what the lock file names of it costs
    nothing. profile: of `callsheet.toml`, for a pipeline that is read here. own_prices: as in `run`.

    Raises InputError for a store that cannot be reached, PipelineError for a lock file that cannot be read.
    """
    from callsheet.runtime.dry_run import dry_run
    from callsheet.runtime.plan.run_options import RunOptions

    graph = _graph(pipeline, profile)
    with granting(prices=own_prices), _workspace(graph, state) as workspace:
        return dry_run(graph, workspace, RunOptions(only=only, store=store))


def run(
    pipeline: Graph | str | Path,
    preview: bool = False,
    out: str | Path = "out",
    state: str | Path | None = None,
    only: Sequence[str] = (),
    emit: Callable[[Event], None] | None = None,
    budget: float | None = None,
    store: str = "",
    confirm: Confirm = False,
    unpriced: float | None = None,
    webhook: str = "",
    buy_again: bool = False,
    profile: str = "",
    secrets: Sequence[str] = (),
    allow: Sequence[str] = (),
    own_prices: Sequence[str] = (),
    stop: Stop | None = None,
) -> Result:
    """Make the film and put it under `out`/<name>/.

    What is made. preview: offline stand-ins instead of the models. only: addresses or nodes; they and what
    they need. profile: of `callsheet.toml`, for a pipeline that is read here. state: the folder with what
    earlier runs left, as in `plan`. store: the folder or URL of a store that a team shares.

    How it runs. emit: takes each event of the run. stop: `stop.request()` in another thread, or in `emit`,
    stops the run as Ctrl-C does; what was sent is fetched by the next run. webhook: the https address of your
    service that fal calls when a request is over; check such a call with `callsheet.webhook.verify`.

    What it may spend. Nothing is bought unasked: give a `budget`, or `confirm`. budget: USD that may be spent
    at most. unpriced: USD that each call without a known price counts as under a budget. confirm: True, or a
    function that takes the plan and says whether to go on. buy_again: also buy results that the lock file or
    the shared store names as paid for, and that are found nowhere.

    What it is granted, for this run, as by the options of the same names. secrets: environment variables that
    are sent where the pipeline says so. allow: endpoints that only the project's `models/` describes.
    own_prices: endpoints whose price in `models/prices.yaml` counts, though a higher one is known.

    Raises InputError before anything is made, also when nobody agreed to what it would spend, or when it does
    not fit into the budget; failures of single instances are in the result.
    """
    from callsheet.runtime.plan.run_request import RunRequest
    from callsheet.runtime.prepare import prepare
    from callsheet.runtime.run import run as execute
    from callsheet.runtime.vouched import vouch

    graph = _graph(pipeline, profile)
    request = RunRequest(
        graph.path,
        only=tuple(only),
        out=Path(out),
        budget=budget,
        unpriced=False if unpriced is None else unpriced,
        trust=PERMISSIONS.get().trust,
        profile=graph.section.profile,
    )
    granted = granting(secrets, allow, own_prices)
    with granted, _workspace(graph, state) as workspace:
        options = request.options(
            workspace.root, preview=preview, store=store, webhook=webhook, pay_again=buy_again
        )
        if isinstance(pipeline, Graph):
            options = replace(options, record="")
        prepared = prepare(graph, workspace, options)
        if options.record and not preview:
            vouch(request, workspace.root)
        return execute(prepared, emit or (lambda _: None), confirm=confirm, stop=stop)


def _awaited(function: Callable[Options, Result]) -> Callable[Options, Coroutine[Any, Any, Result]]:
    @wraps(function, assigned=("__module__", "__annotations__"))
    async def arun(*args: Options.args, **kwargs: Options.kwargs) -> Result:
        """`run` for programs with asyncio: `await callsheet.arun(…)`, with the parameters of `run`.

        The run has a thread of its own, in which `emit` and `confirm` are called. Cancelling the task stops
        the run as Ctrl-C does, and then waits for its end, so that everything it paid for is written down.
        """
        given = signature(function).bind(*args, **kwargs)
        given.arguments["stop"] = stop = given.arguments.get("stop") or Stop()
        work = partial(copy_context().run, function, *given.args, **given.kwargs)
        running = asyncio.get_running_loop().run_in_executor(None, work)
        try:
            return await asyncio.shield(running)
        except asyncio.CancelledError:
            stop.request()
            await asyncio.gather(running, return_exceptions=True)
            raise

    return arun


arun = _awaited(run)


def _workspace(graph: Graph, state: str | Path | None) -> Workspace:
    """The project that `graph` belongs to; state: a folder of its own for what runs leave."""
    return Workspace.of(graph.path) if state is None else Workspace(state=Path(state))


def _graph(pipeline: Graph | str | Path, profile: str) -> Graph:
    if isinstance(pipeline, Graph):
        return pipeline
    with using(profile or PROFILE.get()):
        return load(pipeline)
