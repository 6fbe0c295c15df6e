"""Uploads while a run goes on: what a store that is away may hold up, and what it may not."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Any

import pytest

from callsheet.runtime.remote_store import push
from callsheet.runtime.remote_store.backend import Refusing, Unreachable
from callsheet.runtime.remote_store.folder import Folder
from callsheet.runtime.remote_store.push import Pusher
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store.blobs import Store


class Away(Folder):
    """A folder that cannot be written while `trouble` is set. tries: how often it was tried."""

    trouble: Exception | None = Unreachable("the store is away")
    tries = 0

    def write(self, name: str, content: bytes, first: bool) -> bool:
        self.tries += 1
        if self.trouble is not None:
            raise self.trouble
        return super().write(name, content, first)


@pytest.fixture
def away(tmp_path: Path) -> Away:
    return Away(tmp_path / "common")


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def pusher(away: Away, told: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pusher:
    monkeypatch.setattr(push, "PAUSES", (0.01,))
    return Pusher(SharedStore(away, Store(tmp_path / "own")), told.append)


def give(pusher: Pusher, count: int) -> None:
    for number in range(count):
        pusher.push(f"{number:064x}", {"seed": number})


def wait_for(what: Any) -> None:
    while not what():
        time.sleep(0.005)


def test_a_store_that_comes_back_gets_everything_and_it_is_said_once(
    pusher: Pusher, away: Away, told: list[str]
) -> None:
    give(pusher, 20)
    wait_for(lambda: away.tries > 12)
    away.trouble = None
    pusher.close()
    assert (pusher.notes(), pusher.counts) == ((), (20, 0))
    assert told == [
        "the shared store does not take results now: the store is away; the run goes on without it",
        f"the shared store {away.title} takes results again",
    ]


def test_after_the_end_of_patience_no_result_is_tried_any_more(
    pusher: Pusher, away: Away, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "PAUSES", (3600.0,))
    monkeypatch.setattr(push, "PATIENCE", 0.0)
    give(pusher, 500)
    wait_for(lambda: away.tries >= push.AT_ONCE)
    pusher.close()
    (note,) = pusher.notes()
    assert note.startswith("500 of 500 results were not put into the shared store") and "is away" in note
    assert away.tries <= 2 * push.AT_ONCE  # those that had been tried were tried once more


def test_somebody_in_a_hurry_does_not_wait(pusher: Pusher, away: Away) -> None:
    give(pusher, 500)
    wait_for(lambda: away.tries >= push.AT_ONCE)
    closing = threading.Thread(target=pusher.close)
    closing.start()
    pusher.hurry()
    closing.join()
    assert pusher.notes()[0].startswith("500 of 500 results were not put")


def test_a_store_that_says_no_is_not_tried_again(pusher: Pusher, away: Away, told: list[str]) -> None:
    away.trouble = Refusing("you may not write")
    give(pusher, 50)
    pusher.close()
    assert away.tries <= push.AT_ONCE and len(told) == 1
    assert pusher.notes()[0].startswith("50 of 50 results were not put")


def test_what_was_raised_does_not_wait(pusher: Pusher, away: Away) -> None:
    give(pusher, 50)
    pusher.close(at_once=True)
    assert pusher.notes()[0].startswith("50 of 50 results were not put")
