"""The cache: what is recorded is found at once, and is on the disk soon, together with others."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from callsheet.errors import StoreError
from callsheet.runtime.store import cache as module
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache
from callsheet.testing.fakes import FakeInspector

FILM = """callsheet: 1
axes: {i: {over: "${{ range(300) }}"}}
nodes:
  words: {uses: text/split, each: i, with: {text: "line ${{ i }}"}}
"""


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[Cache]:
    store = Store(tmp_path, FakeInspector())
    store.prepare()
    found = Cache(store)
    yield found
    found.close()


def on_disk(cache: Cache) -> set[str]:
    with sqlite3.connect(cache.path) as connection:
        return {key for (key,) in connection.execute("SELECT key FROM results")}


def test_while_it_is_written_others_go_on(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    writing, go_on = threading.Event(), threading.Event()
    before = module.transaction

    def slow(connection: sqlite3.Connection) -> Any:
        writing.set()
        assert go_on.wait(10)
        return before(connection)

    cache.record("a", {"n": 1})
    cache.made_of("film", "a", '{"made": "of"}')
    monkeypatch.setattr(module, "transaction", slow)
    thread = threading.Thread(target=cache.flush)
    thread.start()
    assert writing.wait(10)
    assert cache.find("a") == {"n": 1} and cache.find("b") is None
    assert cache.recipe("film", "a") == {"made": "of"}
    cache.record("b", {"n": 2})
    cache.record("a", {"n": 3})
    assert cache.find("b") == {"n": 2} and cache.find("a") == {"n": 3}
    go_on.set()
    thread.join()
    assert on_disk(cache) == {"a"} and cache.find("a") == {"n": 3}
    cache.flush()
    assert on_disk(cache) == {"a", "b"} and cache.find("a") == {"n": 3}


def test_what_could_not_be_written_is_written_later(cache: Cache, monkeypatch: pytest.MonkeyPatch) -> None:
    before = module.transaction

    def full(connection: sqlite3.Connection) -> Any:
        cache.record("a", {"n": 2})
        raise sqlite3.OperationalError("database or disk is full")

    cache.record("a", {"n": 1})
    cache.record("b", {"n": 1})
    monkeypatch.setattr(module, "transaction", full)
    with pytest.raises(StoreError, match="disk is full"):
        cache.flush()
    assert cache.find("a") == {"n": 2} and cache.find("b") == {"n": 1}
    monkeypatch.setattr(module, "transaction", before)
    cache.flush()
    cache.close()
    assert on_disk(cache) == {"a", "b"}
    assert cache.find("a") == {"n": 2}


class Interrupted(sqlite3.Connection):
    """Ctrl-C comes right after a statement that begins like `at`, once."""

    at = ""

    def execute(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        done = super().execute(sql, *parameters)
        self._interrupt(sql)
        return done

    def executemany(self, sql: str, *parameters: Any) -> sqlite3.Cursor:
        done = super().executemany(sql, *parameters)
        self._interrupt(sql)
        return done

    def _interrupt(self, sql: str) -> None:
        if self.at and sql.startswith(self.at):
            self.at = ""
            raise KeyboardInterrupt


@pytest.mark.parametrize("at", ["BEGIN", "INSERT OR REPLACE INTO results", "COMMIT"])
def test_ctrl_c_while_it_is_written_loses_nothing(
    at: str, cache: Cache, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sqlite3.connect
    monkeypatch.setattr(sqlite3, "connect", lambda *a, **k: before(*a, factory=Interrupted, **k))
    cache.record("a", {"n": 1}, seconds=2.0)
    cache.made_of("film", "a", '{"made": "of"}')
    writer = cache._open_to_write()
    writer.at = at  # type: ignore[attr-defined]
    with pytest.raises(KeyboardInterrupt):
        cache.flush()
    assert not writer.in_transaction
    assert cache.find("a") == {"n": 1} and cache.unwritten == 2.0
    cache.record("b", {"n": 2})
    cache.flush()
    assert on_disk(cache) == {"a", "b"} and cache.unwritten == 0.0
    cache.close()
    assert cache.recipe("film", "a") == {"made": "of"}


def test_a_damaged_file_is_replaced_once(cache: Cache) -> None:
    """Reading and writing have a connection each; neither takes the other's file away."""
    cache.path.write_bytes(b"no database" * 1000)
    assert cache.find("a") is None
    cache.record("a", {"n": 1})
    cache.flush()
    assert cache.find("a") == {"n": 1} and on_disk(cache) == {"a"}


def test_instances_do_not_pay_a_commit_each(
    callsheet: Callable[..., Any], in_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    written: list[int] = []
    before = Cache._write

    def counted(self: Cache, new: module.Unwritten) -> None:
        written.append(len(new.results))
        before(self, new)

    monkeypatch.setattr(Cache, "_write", counted)
    (in_folder / "film.yaml").write_text(FILM)
    callsheet("run", "film.yaml", "--yes")
    assert sum(written) == 300
    assert len(written) < 60
