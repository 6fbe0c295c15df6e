# pyright: strict
"""A script as a user writes it. It is not run: test_user_script.py lets mypy and pyright read it."""

from pathlib import Path
from typing import assert_type

import callsheet
from callsheet.plugin import Image, Video, Work


def slate(title: str, work: Work, seconds: float = 2.0, plate: Image | None = None) -> Video:
    """A slate with a title on it."""
    work.progress(0.5)
    if work.cancelled:
        raise callsheet.NodeError(f"{work.address} was cancelled", "local")
    assert_type(plate.path if plate else None, Path | None)
    return Video(work.folder / f"{title}-{seconds}.mp4")


def errors(path: Path) -> list[str]:
    found = callsheet.check(path, sets={"hero": "a fox"}, inputs=None, trust=False)
    assert_type(found, callsheet.Checked)
    assert_type(found.graph, callsheet.Graph | None)
    return [f"{d.span.place}: {d.severity} {d.code}: {d.message}; {d.help}" for d in found.diagnostics]


def follow(event: callsheet.Event) -> None:
    match event:
        case callsheet.RunStarted():
            print(event.pipeline, event.total, event.usd)
        case callsheet.NodeFinished():
            assert_type(event.files, tuple[str, ...])
            print(event.address, event.usd, event.reused)
        case callsheet.NodeFailed():
            print(event.address, event.kind, event.message, event.next_step)
        case _:
            pass


def make(path: Path, budget: float) -> float:
    try:
        graph = callsheet.load(path)
    except callsheet.PipelineError as error:
        print(error, *(d.span.place for d in error.errors))
        return 0.0
    for address, instance in graph.instances.items():
        assert_type(instance, callsheet.Instance)
        print(address, instance.node, instance.needs)

    plan = callsheet.plan(graph, only=["film"])
    assert_type(plan, callsheet.Plan)
    assert_type(plan.usd, float)
    for found in plan.forecasts:
        assert_type(found, callsheet.Forecast)
        assert_type(found.step, callsheet.Step)
        print(found.step.address, found.action, found.reason, found.usd)
    if plan.cost.worst > budget:
        return plan.cost.low

    try:
        stop = callsheet.Stop()
        result = callsheet.run(
            graph, preview=True, out=path.parent / "out", emit=follow, budget=budget, stop=stop
        )
    except (callsheet.InputError, callsheet.StoreError) as error:
        print(error.message, error.next_step)
        return 0.0
    assert_type(result, callsheet.Result)
    for failure in result.failures:
        assert_type(failure, callsheet.NodeFailed)
    print(result.status, result.exit_code, dict(result.outputs))
    return result.usd


def decide(film: Path) -> None:
    taken = callsheet.takes(film, 'clip["dawn"]', preview=True, sets={"hero": "a fox"})
    for take in taken.takes:
        print(take.address, take.number, take.picked, take.seed)
    assert_type(callsheet.pick(film, 'clip["dawn"]', 2, note="warmer").number, int)
    approved = callsheet.approve(film, everything=True, lock=film.with_suffix(".lock"), state="elsewhere")
    print(*(approval.address for approval in approved.approvals))
    print(callsheet.reject(film, "cover", why="too dark").rejections)
    assert_type(callsheet.lock_check(film, profile="draft").ok, bool)


def look(film: str) -> None:
    assert_type(callsheet.plan(film, budget=2.0, fetch=True).cost.worst, float)
    changes = callsheet.diff("main", film)
    print(changes.any, changes.to_json())
    print(callsheet.explain(film, "cover").to_json()["parameters"])
    for summary in callsheet.runs(project="films").runs:
        assert_type(summary.usd, float)
    print(callsheet.costs("month").total.usd, callsheet.show("film-3").attempts[0].endpoint)
    for fit in callsheet.prices("fal-ai/veo3.1/fast", seconds=8, audio=True).fits:
        print(fit.endpoint, fit.price.high, fit.problem)
    for line in callsheet.events("film-3", start=17, follow=True):
        assert_type(line, str)


def stream(film: Path) -> callsheet.Result:
    with callsheet.start(film, budget=3.0, wait=True, emit=follow, trust=True) as run:
        assert_type(run, callsheet.Run)
        for event in run.events(start=4, timeout=60):
            assert_type(event.number, int)
            print(event.to_json())
            if isinstance(event, callsheet.RunAborted):
                print([found["line"] for found in event.diagnostics])
        run.cancel()
    return run.result(timeout=10)


async def serve(film: Path) -> float:
    run = callsheet.start_resume("film-3", project=film.parent, confirm=lambda plan: plan.usd < 1)
    async for event in run.aevents():
        print(event.run, event.time)
    result = await run
    assert_type(result, callsheet.Result)
    again = await callsheet.arun(film, preview=True, out="out")
    assert_type(again.usd, float)
    return (await callsheet.aresume(budget=2)).usd


def place() -> callsheet.Given:
    return {"state": "state", "sets": {"mood": "calm"}, "store": "s3://films"}
