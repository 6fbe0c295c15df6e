"""The file from which pages in other processes read what a run does."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from callsheet.runtime.events import NodeSkipped, Stream
from callsheet.runtime.execute.live_events import live_events, live_files


def told(state: Path) -> list[str]:
    (file,) = live_files(state, Path("film.yaml"))
    return [json.loads(line)["address"] for line in file.read_text(encoding="utf-8").splitlines()]


def stream_of(shown: list[Any]) -> Stream:
    return Stream(shown.append, "film")


def test_outside_of_an_event_loop_each_event_is_written_at_once(tmp_path: Path) -> None:
    stream = stream_of([])
    with live_events(tmp_path, Path("film.yaml"), stream):
        for number in range(3):
            stream(NodeSkipped(f"clip-{number}"))
            assert len(told(tmp_path)) == number + 1
    assert live_files(tmp_path, Path("film.yaml")) == []


def test_in_a_run_events_are_written_soon_though_nothing_follows_them(tmp_path: Path) -> None:
    stream = stream_of([])

    async def run() -> list[str]:
        for number in range(3):
            stream(NodeSkipped(f"clip-{number}"))
        before = told(tmp_path)
        while not told(tmp_path):
            await asyncio.sleep(0.01)
        return before

    with live_events(tmp_path, Path("film.yaml"), stream):
        assert asyncio.run(run()) == [], "events that follow each other are written together"
        assert told(tmp_path) == ["clip-0", "clip-1", "clip-2"]


def test_an_event_loop_that_goes_on_after_the_run_finds_nothing_to_write(tmp_path: Path) -> None:
    stream, wrong = stream_of([]), []

    async def notebook() -> None:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _, context: wrong.append(context))
        with live_events(tmp_path, Path("film.yaml"), stream):
            stream(NodeSkipped("clip"))
        over = asyncio.Event()
        loop.call_later(0.1, over.set)  # after the time at which the event would have been written
        await over.wait()

    asyncio.run(notebook())
    assert wrong == []
    assert live_files(tmp_path, Path("film.yaml")) == []
