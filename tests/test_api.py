"""The public names of `callsheet`, and how its values show themselves."""

import asyncio
import subprocess
import sys
import threading
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

import callsheet
from callsheet.emulator import Emulator
from callsheet.runtime.events import Event

LIGHTHOUSE = Path(__file__).parents[1] / "examples/lighthouse/film.yaml"
FILM = """\
callsheet: 1
name: film
nodes:
  card: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot }}"}}
axes: {shot: {over: ["<b>", dusk], key: "${{ shot }}"}}
outputs: {cards: "${{ card.images }}"}
"""


@pytest.fixture
def film(in_folder: Path) -> Path:
    Path("film.yaml").write_text(FILM, encoding="utf-8")
    return Path("film.yaml")


def test_every_public_name_is_there() -> None:
    assert callsheet.__all__ == sorted(callsheet.__all__)
    assert dir(callsheet) == sorted([*callsheet.__all__, "__version__", "plugin", "webhook"])
    for name in dir(callsheet):
        assert getattr(callsheet, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'nothing'"):
        callsheet.nothing  # type: ignore[attr-defined]  # noqa: B018


def test_names_are_those_of_the_things_themselves() -> None:
    """So that an error message or a page names what a user can import."""
    things = [getattr(callsheet, name) for name in callsheet.__all__ if name != "Event"]
    assert [thing.__name__ for thing in things] == [name for name in callsheet.__all__ if name != "Event"]


def test_every_event_is_public() -> None:
    assert {event.__name__ for event in get_args(Event)} <= set(callsheet.__all__)


def test_importing_callsheet_is_cheap() -> None:
    script = "import sys, callsheet; print(sorted(m for m in sys.modules if m.startswith('callsheet')))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['callsheet', 'callsheet._version']"


def test_a_pipeline_error_says_the_first_errors_with_their_places(in_folder: Path) -> None:
    nodes = "".join(f"  n{i}: {{uses: no/such}}\n" for i in range(5))
    Path("film.yaml").write_text(f"callsheet: 1\nnodes:\n{nodes}", encoding="utf-8")
    with pytest.raises(callsheet.PipelineError) as raised:
        callsheet.load("film.yaml")
    head, *lines, last = str(raised.value).splitlines()
    assert head == "5 errors in the pipeline" and last == "  and 2 more"
    assert [line.split(": ")[:2] for line in lines] == [
        ["  film.yaml:3:14", "unknown-uses"],
        ["  film.yaml:4:14", "unknown-uses"],
        ["  film.yaml:5:14", "unknown-uses"],
    ]


def test_values_fit_on_a_screen() -> None:
    found = callsheet.check(LIGHTHOUSE)
    assert repr(found.graph) == "<Graph lighthouse: 3 nodes, 10 instances>"
    plan = callsheet.plan(LIGHTHOUSE)
    assert repr(plan) == "<Plan of lighthouse: 10 make, $5.09>"
    broken = callsheet.check(LIGHTHOUSE, {"her": "a cat"})
    assert broken.diagnostics and all(len(repr(d)) < 400 for d in broken.diagnostics)


def test_a_plan_is_a_table_in_a_notebook(film: Path) -> None:
    html = callsheet.plan(film)._repr_html_()
    assert html.startswith("<table><caption>film: 2 make, ")
    assert html.count("<tr>") == 3 and "card[&quot;&lt;b&gt;&quot;]" in html and "<b>" not in html


def test_a_result_knows_its_cost(film: Path, seller: Emulator) -> None:
    planned = callsheet.plan(film)
    result = callsheet.run(film, confirm=True)
    assert (result.status, result.usd) == ("done", planned.usd) and result.usd > 0
    assert repr(callsheet.plan(film)) == "<Plan of film: 2 reuse, $0.00>"


def test_a_result_is_a_table_in_a_notebook(film: Path) -> None:
    result = callsheet.run(film, preview=True)
    assert repr(result) == "<Result done: cards, $0.00>"
    html = result._repr_html_()
    assert html.count("<tr>") == 3 and ">out/film/preview/cards-dusk" in html


@pytest.mark.parametrize("function", ["arun", "plan", "run"])
def test_annotations_can_be_resolved(function: str) -> None:
    """As web frameworks and makers of command lines do."""
    assert "return" in get_type_hints(getattr(callsheet, function))


def test_a_run_is_stopped_from_python_and_goes_on_later(film: Path, seller: Emulator) -> None:
    stop = callsheet.Stop()

    def stop_at_once(event: callsheet.Event) -> None:
        if isinstance(event, callsheet.NodeStarted):
            stop.request()

    assert callsheet.run(film, confirm=True, emit=stop_at_once, stop=stop).status == "interrupted"
    assert stop.requested
    assert callsheet.run(film, confirm=True).status == "done" and len(seller.accepted) == 2


def test_a_run_that_was_stopped_before_it_began_makes_nothing(film: Path, seller: Emulator) -> None:
    stop = callsheet.Stop()
    stop.request()
    assert callsheet.run(film, confirm=True, stop=stop).status == "interrupted"
    assert seller.posts == []


def test_the_loop_goes_on_while_a_run_is_awaited(film: Path) -> None:
    seen: list[str] = []

    async def watch() -> str:
        queue: asyncio.Queue[callsheet.Event] = asyncio.Queue()
        loop = asyncio.get_running_loop()
        emit = lambda event: asyncio.run_coroutine_threadsafe(queue.put(event), loop).result()  # noqa: E731
        running = asyncio.create_task(callsheet.arun(film, preview=True, emit=emit))
        while not seen or seen[-1] != "RunFinished":  # `emit` returns only if this loop turns
            seen.append(type(await queue.get()).__name__)
        return (await running).status

    assert asyncio.run(watch()) == "done" and seen[0] == "RunStarted"


def test_to_cancel_the_task_is_to_stop_the_run(film: Path, seller: Emulator) -> None:
    statuses: list[str] = []
    stop, stopped = callsheet.Stop(), threading.Event()
    stop.when_requested(stopped.set)

    async def cancel() -> None:
        loop, started = asyncio.get_running_loop(), asyncio.Event()

        def emit(event: callsheet.Event) -> None:
            if isinstance(event, callsheet.NodeStarted):
                loop.call_soon_threadsafe(started.set)
                stopped.wait()
            if isinstance(event, callsheet.RunFinished):
                statuses.append(event.status)

        running = asyncio.create_task(callsheet.arun(film, confirm=True, emit=emit, stop=stop))
        await started.wait()
        running.cancel()
        with pytest.raises(asyncio.CancelledError):
            await running

    asyncio.run(cancel())
    assert statuses == ["interrupted"]  # before the task ended
    assert callsheet.run(film, confirm=True).status == "done" and len(seller.accepted) == 2


def test_mistakes_are_raised_where_the_run_is_awaited(film: Path, seller: Emulator) -> None:
    with pytest.raises(callsheet.InputError):
        asyncio.run(callsheet.arun(film, budget=0.0001))
