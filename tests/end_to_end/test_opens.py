"""A run opens the ledger once, the cache once to read and once to write, and reads each YAML file once."""

from __future__ import annotations

import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

YAML = ("film.yaml", "film.lock.yaml")
GROWING = """
callsheet: 1
name: story
axes:
  shot: {over: "${{ script.shots }}", key: "${{ shot.id }}", max: 6}
nodes:
  script:
    uses: text/chat
    with:
      prompt: Shots of a lighthouse.
      schema: {shots: {type: list, items: {id: string, prompt: string}, maximum: 6}}
  still: {each: shot, uses: fal-ai/hunyuan-image/v3/text-to-image, with: {prompt: "${{ shot.prompt }}"}}
outputs:
  stills: ${{ still.images }}
"""


class Watch:
    """What a verb opens. databases: connections by file name. texts: YAML files that were read as YAML."""

    def __init__(self) -> None:
        self.databases: Counter[str] = Counter()
        self.texts: Counter[str] = Counter()
        self.on = False

    def __call__(self, event: str, arguments: tuple[Any, ...]) -> None:
        if not self.on:
            return
        if event == "sqlite3.connect":
            self.databases[Path(os.fsdecode(arguments[0])).name.partition("?")[0]] += 1
        elif event == "open" and Path(str(arguments[0])).name in YAML and _is_read_as_yaml():
            self.texts[Path(arguments[0]).name] += 1


def _is_read_as_yaml() -> bool:
    """Whether the file is opened by a reader of YAML; others hash it, or look at its first bytes."""
    frame = sys._getframe(2)
    while frame is not None:
        if frame.f_globals.get("__name__") in ("callsheet.dsl.yaml.reader", "callsheet.runtime.lock.read"):
            return True
        frame = frame.f_back  # type: ignore[assignment]
    return False


WATCH = Watch()


@pytest.fixture(scope="module")
def hooked() -> None:
    """An audit hook stays for the life of the process."""
    sys.addaudithook(WATCH)


@pytest.fixture
def watched(hooked: None, desk: Any) -> Iterator[Callable[..., Watch]]:
    def watch(*words: str) -> Watch:
        WATCH.databases.clear()
        WATCH.texts.clear()
        WATCH.on = True
        try:
            desk.type(*words)
        finally:
            WATCH.on = False
        return WATCH

    yield watch


ONCE = {"ledger.db": 1, "cache.db": 1}
READ_AND_WRITTEN = {"ledger.db": 1, "cache.db": 2}
"""A run that finds earlier results in the cache, and makes new ones: the cache writes on a connection of its
own, so that its readers do not wait for the disk."""


def test_a_run_for_money_opens_the_ledger_once(project: Any, watched: Callable[..., Watch]) -> None:
    """To plan, to buy, and to write the lock file; also where the plan finds what earlier runs left."""
    project.shots("image", 2)
    first = watched("run", "film.yaml", "--yes")
    assert (first.databases, first.texts["film.yaml"]) == (ONCE, 1)
    project.shots("image", 3)
    second = watched("run", "film.yaml", "--yes")
    assert (second.databases, second.texts) == (READ_AND_WRITTEN, dict.fromkeys(YAML, 1))
    assert project.posts == 3


def test_a_list_that_a_model_wrote_does_not_open_it_again(
    project: Any, watched: Callable[..., Watch], writes: Callable[[int], None]
) -> None:
    project.write(GROWING)
    writes(2)
    watched("run", "film.yaml", "--yes", "--only", "script")
    found = watched("run", "film.yaml", "--yes")
    assert (found.databases, found.texts) == (READ_AND_WRITTEN, dict.fromkeys(YAML, 1))


@pytest.mark.parametrize("words", [("run", "--preview"), ("plan",), ("plan", "-o", "plan.json")])
def test_who_looks_ahead_opens_each_once(words: tuple[str, ...], project: Any, watched: Any) -> None:
    project.shots("image", 2)
    watched("run", "film.yaml", "--yes")
    verb, *options = words
    found = watched(verb, "film.yaml", *options)
    assert found.databases == ONCE
    assert found.texts == dict.fromkeys(YAML, 1)


def test_a_saved_plan_is_executed_with_what_it_was_compared_with(project: Any, watched: Any) -> None:
    project.shots("image", 2)
    watched("plan", "film.yaml", "-o", "plan.json")
    found = watched("run", "plan.json")
    assert (found.databases, found.texts["film.yaml"]) == (ONCE, 1)
    assert project.posts == 2
