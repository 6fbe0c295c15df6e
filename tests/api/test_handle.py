"""A run in a thread of its own: its events, its end, and how it is stopped."""

from __future__ import annotations

import asyncio
import signal
import subprocess
import sys
import threading
from pathlib import Path

import pytest

import callsheet
from callsheet.emulator import Emulator
from tests.api.test_functions import CARD, FILM


@pytest.fixture
def film(in_folder: Path) -> Path:
    (in_folder / "callsheet.toml").touch()
    Path("film.yaml").write_text(FILM.replace("    approve: true\n", ""), encoding="utf-8")
    return Path("film.yaml")


def names(events: list[callsheet.Event]) -> list[str]:
    return [event.event for event in events]


def test_events_come_as_they_happen_and_can_be_taken_up_again(film: Path) -> None:
    run = callsheet.start(film, preview=True)
    events = list(run.events(timeout=300))
    assert names(events)[0] == "run_started" and names(events)[-1] == "run_finished"
    assert [event.number for event in events] == list(range(1, len(events) + 1))
    assert list(run.events(start=3)) == events[2:] and list(run.events(start=99)) == []
    assert run.done and run.name == "film" and run.result().status == "done"
    assert events[0].to_json()["version"] == 2


def test_it_is_cancelled_from_another_thread_and_goes_on_later(film: Path, seller: Emulator) -> None:
    with callsheet.start(film, confirm=True) as run:
        for event in run.events(timeout=300):
            if isinstance(event, callsheet.NodeStarted):
                threading.Thread(target=run.cancel).start()
    assert run.result().status == "interrupted"
    with callsheet.start_resume(confirm=True) as again:
        pass
    assert again.result().status == "done" and len(seller.accepted) == 2


def test_a_block_that_raises_stops_its_run(film: Path, seller: Emulator) -> None:
    with pytest.raises(ZeroDivisionError), callsheet.start(film, confirm=True) as run:
        next(run.events(timeout=300))
        raise ZeroDivisionError
    assert run.done and run.result().status in ("interrupted", "done")


def test_what_is_wrong_is_raised_at_the_end_and_told_as_the_last_event(film: Path, seller: Emulator) -> None:
    run = callsheet.start(film)
    with pytest.raises(callsheet.InputError, match="nobody agreed"):
        run.result(timeout=300)
    (event,) = run.events()
    assert isinstance(event, callsheet.RunAborted) and (event.kind, event.number) == ("input", 1)
    film.write_text("callsheet: 1\nnodes:\n  a: {uses: no/such}\n", encoding="utf-8")
    (event,) = callsheet.start(film, preview=True).events(timeout=300)
    assert isinstance(event, callsheet.RunAborted) and event.diagnostics[0]["line"] == 3


def test_a_result_may_be_waited_for_in_vain(film: Path, seller: Emulator) -> None:
    go_on = threading.Event()
    run = callsheet.start(film, preview=True, emit=lambda _: bool(go_on.wait(60)))
    with pytest.raises(TimeoutError):
        run.result(timeout=0.05)
    with pytest.raises(TimeoutError):
        list(run.events(start=1000, timeout=0.05))
    go_on.set()
    assert run.result(timeout=300).status == "done"


def test_a_view_that_raises_does_not_end_it(film: Path, seller: Emulator) -> None:
    def emit(_: callsheet.Event) -> None:
        raise ConnectionError("the socket is closed")

    result = callsheet.start(film, confirm=True, emit=emit).result(timeout=300)
    assert result.status == "done" and len(seller.accepted) == 2
    assert callsheet.run(film, preview=True, emit=emit).notes[0].startswith("what shows the run failed")


def test_two_runs_at_once(film: Path, seller: Emulator, tmp_path: Path) -> None:
    runs = [
        callsheet.start(
            film,
            sets={"mood": mood},
            state=tmp_path / mood,
            lock=tmp_path / f"{mood}.lock.yaml",
            out=tmp_path / f"out-{mood}",
            budget=1,
        )
        for mood in ("calm", "wild")
    ]
    assert [run.result(timeout=300).status for run in runs] == ["done", "done"]
    assert len(seller.accepted) == 4 and len(list(tmp_path.glob("*.lock.yaml"))) == 2


def test_one_waits_for_the_other(film: Path, seller: Emulator) -> None:
    """Two runs of one film with one ledger: the second finds all that the first bought."""
    started, go_on = threading.Event(), threading.Event()

    def hold(event: callsheet.Event) -> None:
        if isinstance(event, callsheet.RunStarted):
            started.set()
            go_on.wait(60)

    first = callsheet.start(film, confirm=True, emit=hold)
    started.wait(60)
    with pytest.raises(callsheet.InputError, match="working on"):
        callsheet.run(film, confirm=True)
    second = callsheet.start(film, confirm=True, wait=True)
    go_on.set()
    assert (first.result(60).status, second.result(60).status) == ("done", "done")
    assert len(seller.accepted) == 2


def test_it_is_awaited_while_the_loop_goes_on(film: Path) -> None:
    async def watch() -> tuple[list[str], str, int]:
        ticks, over = 0, False

        async def tick() -> None:
            nonlocal ticks
            while not over:
                ticks += 1
                await asyncio.sleep(0.001)

        ticking = asyncio.create_task(tick())
        run = callsheet.start(film, preview=True)
        seen = [event.event async for event in run.aevents()]
        again = [event.event async for event in run.aevents(start=2)]
        assert again == seen[1:]
        status = (await run).status
        over = True
        await ticking
        return seen, status, ticks

    seen, status, ticks = asyncio.run(watch())
    assert (seen[0], seen[-1], status) == ("run_started", "run_finished", "done") and ticks > 5


def test_to_cancel_what_awaits_it_is_to_stop_it(film: Path, seller: Emulator) -> None:
    async def cancel() -> callsheet.Run:
        run = callsheet.start(film, confirm=True)
        waiting = asyncio.ensure_future(run)
        async for event in run.aevents():
            if isinstance(event, callsheet.NodeStarted):
                waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        return run

    assert asyncio.run(cancel()).done


def test_functions_that_start_a_loop_work_in_one(film: Path, seller: Emulator) -> None:
    async def resolve() -> None:
        await callsheet.arun(film, confirm=True)
        assert callsheet.reconcile().unknown == () and callsheet.cancel().requests == ()
        assert callsheet.fetch().ok and callsheet.bills().missing >= 0
        assert callsheet.run(film, preview=True).status == "done"

    asyncio.run(resolve())


@pytest.mark.skipif(sys.platform == "win32", reason="sends a signal as Ctrl-C does")
def test_ctrl_c_while_the_result_is_waited_for_stops_it(film: Path, seller: Emulator) -> None:
    script = (
        "import callsheet, os, signal, threading\n"
        "run = callsheet.start('film.yaml', confirm=True)\n"
        "def kill():\n"
        "    for event in run.events():\n"
        "        if event.event == 'node_started':\n"
        "            os.kill(os.getpid(), signal.SIGINT)\n"
        "            return\n"
        "threading.Thread(target=kill).start()\n"
        "print(run.result().status)\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.stdout.strip() in ("interrupted", "done"), done.stderr
    assert signal.getsignal(signal.SIGINT) is not None and "Traceback" not in done.stderr


def test_progress_of_long_ago_is_forgotten(film: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from callsheet.api import handle

    monkeypatch.setattr(handle, "MOST", 4)
    monkeypatch.setattr(handle, "LIVELY", 2)
    run = callsheet.start(film, preview=True)
    run.result(timeout=300)
    kept = list(run.events())
    assert kept[0].event == "run_started" and kept[-1].event == "run_finished"
    assert list(run.events(start=kept[2].number)) == kept[2:]


def test_only_some_of_it(film: Path, seller: Emulator) -> None:
    result = callsheet.start(film, only=[CARD], budget=1).result(timeout=300)
    assert result.status == "done" and len(seller.accepted) == 1
