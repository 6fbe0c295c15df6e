"""Runs: `run`, `arun` to await one, and `start` for one in a thread of its own."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Inputs, Pipeline, opened
from callsheet.api.handle import awaited, started
from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import paths_of
from callsheet.runtime.cancellation import Stop
from callsheet.runtime.consent import Confirm
from callsheet.runtime.event_readers import Aborting
from callsheet.runtime.events import Event
from callsheet.runtime.execute.result import Result
from callsheet.runtime.from_lock import require_lock, store_of_archive
from callsheet.runtime.plan.given_plan import planned, saved_plan
from callsheet.runtime.plan.run_options import RunSettings
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.run import run as execute
from callsheet.runtime.start import Answers, Start
from callsheet.spec.looks import Slate, Voice
from callsheet.spec.permissions import PERMISSIONS, granting
from callsheet.spec.profile import PROFILE


def run(
    pipeline: Pipeline,
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
    *,
    concurrency: int | None = None,
    on: str = "",
    wait: bool = False,
    from_lock: bool = False,
    require_cached: bool = False,
    slate: Slate = "band",
    voice: Voice = "tone",
    size: int = 0,
    **given: Unpack[Inputs],
) -> Result:
    """Make the film and put it under `out`/<name>/. `callsheet run`.

    What is made. pipeline: also a plan that was saved; it is executed exactly, and once. preview: offline
    stand-ins instead of the models. only: addresses or nodes; they and what they need. from_lock: take all
    results from what the lock file names, as in its archive; spend nothing. slate: where a preview tells its
    story: in a `band` below the picture, `over` its lowest part, or nowhere (`off`). voice: how it speaks:
    with a `tone`, or by the program `espeak`. size: pixels of the shorter side of its pictures, at most, as
    360 for a quick look; 0 for the sizes that the models give. state, store, profile and given: see `Given`.

    How it runs. emit: takes each event of the run; what it raises does not end the run. stop:
    `stop.request()` in another thread, or in `emit`, stops the run as Ctrl-C does; what was sent is fetched
    by the next run. wait: wait until another run of this film has ended. concurrency: pending requests at
    each provider, at most. on: the engine that makes local operations and previews: "here:4" for processes,
    "dask://host:8786". webhook: the https address of your service that fal calls when a request is over;
    check such a call with `callsheet.webhook.verify`.

    What it may spend. Nothing is bought unasked: give a `budget`, or `confirm`. budget: USD that may be spent
    at most. unpriced: USD that each call without a known price counts as under a budget. confirm: True, or a
    function that takes the plan and says whether to go on. buy_again: also buy results that the lock file or
    the shared store names as paid for, and that are found nowhere. require_cached: spend nothing; raise
    InputError if something has to be paid for.

    What it is granted, for this run, as by the options of the same names. secrets: environment variables that
    are sent where the pipeline says so. allow: endpoints that only the project's `models/` describes.
    own_prices: endpoints whose price in `models/prices.yaml` counts, though a higher one is known.

    Raises PipelineError for mistakes in the file, InputError before anything is made, also when nobody agreed
    to what it would spend, or when it does not fit into the budget; failures of single instances are in the
    result. `emit` is told of what is raised, too, as its last event.
    """
    place: Given = {**given, "state": state, "store": store, "profile": profile}
    trust = given.get("trust")
    with ExitStack() as stack:
        tell = stack.enter_context(Aborting(emit or _silent))
        stack.enter_context(granting(secrets, allow, own_prices))
        path = pipeline.path if isinstance(pipeline, Graph) else Path(pipeline)
        request = RunRequest(
            path,
            dict(given.get("sets") or {}),
            paths_of(given.get("inputs")),
            only=tuple(only),
            out=Path(out),
            budget=budget,
            unpriced=False if unpriced is None else unpriced,
            trust=PERMISSIONS.get().trust if trust is None else trust,
            profile=profile or PROFILE.get(),
        )
        saved = None if isinstance(pipeline, Graph) else saved_plan(path, request, preview)
        film = stack.enter_context(opened(saved.request.file if saved else pipeline, place, making=True))
        request = planned(saved, request) if saved else film.asked(request)
        if from_lock:
            require_lock(film.path, preview)
            store, require_cached = store_of_archive(film.path, store), True
        settings = RunSettings(
            preview=preview,
            slate=slate,
            voice=voice,
            size=size,
            concurrency=concurrency,
            on=on,
            wait=wait,
            store=store,
            webhook=webhook,
            pay_again=buy_again,
        )
        graph = pipeline if isinstance(pipeline, Graph) else None
        start = Start(film.workspace, request, settings, Answers(confirm), saved, require_cached, graph)
        return execute(start.prepared(), tell, confirm=True, stop=stop)


def _silent(_: Event) -> None: ...


arun = awaited(run, "arun")
start = started(run, "start")
