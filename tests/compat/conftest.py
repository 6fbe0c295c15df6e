"""Projects that earlier versions made, each in a folder of its own, and a provider that never sold a thing.

VERSION/project.tar.gz    the folder of a project, as `make_project.py` left it
VERSION/keys.json         the keys of all that it made
VERSION/names.json        names that other programs rely on
"""

from __future__ import annotations

import json
import sqlite3
import tarfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from callsheet.cli.main import main
from callsheet.emulator import Emulator

HERE = Path(__file__).parent
VERSIONS = sorted(path.parent.name for path in HERE.glob("*/project.tar.gz"))
UNDER_WAY = """
    SELECT attempts.id, calls.endpoint, attempts.body, attempts.state
    FROM attempts JOIN calls USING (key) WHERE state IN ('ACCEPTED', 'RESULT')
"""
IS_NOW = """
    UPDATE attempts SET request_id = :request_id, status_url = :status_url, response_url = :response_url,
    cancel_url = :cancel_url, reply = :reply, result = :result WHERE id = :id
"""


class Found:
    """A project that an earlier version made, in the current folder."""

    def __init__(self, version: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.version, self.folder, self.capsys = version, folder, capsys
        self.ledger = folder / ".callsheet" / "ledger.db"

    @property
    def finished(self) -> list[str]:
        """The films that were made whole: those have a lock."""
        return sorted(path.name.replace(".lock", "") for path in self.folder.glob("*.lock.yaml"))

    @property
    def golden(self) -> Path:
        """The folder of what was written down about this version."""
        return HERE / self.version

    def type(self, *words: str) -> tuple[int, str, str]:
        """`callsheet` with these words: (exit code, standard output, standard error)."""
        with pytest.raises(SystemExit) as left:
            main(words)
        out, err = self.capsys.readouterr()
        return int(left.value.code or 0), out, err

    def say(self, *words: str) -> str:
        """What `callsheet` with these words prints; it must succeed."""
        code, out, err = self.type(*words)
        assert code == 0, err or out
        return out

    def json(self, *words: str) -> Any:
        return json.loads(self.say(*words, "--json"))

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """What the ledger holds."""
        with closing(sqlite3.connect(self.ledger)) as ledger:
            return ledger.execute(query).fetchall()


@pytest.fixture(params=VERSIONS)
def found(
    request: pytest.FixtureRequest, in_folder: Path, capsys: pytest.CaptureFixture[str]
) -> Iterator[Found]:
    """The project of each version, opened anew for each test."""
    with tarfile.open(HERE / request.param / "project.tar.gz") as archive:
        archive.extractall(in_folder, filter="data")
    yield Found(request.param, in_folder, capsys)


@pytest.fixture(scope="module")
def emulator() -> Iterator[Emulator]:
    with Emulator(tiny=True) as provider:
        yield provider


@pytest.fixture
def provider(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> Emulator:
    """A provider that knows nothing of the project. There is no key to it, so that nothing can be bought."""
    emulator.reset()
    monkeypatch.setenv("CALLSHEET_FAL_URL", emulator.url)
    monkeypatch.setenv("CALLSHEET_HF_URL", emulator.url)
    return emulator


@pytest.fixture
def remembered(found: Found, provider: Emulator, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The provider has the requests that the project waits for; tells how many came since.

    They are handed in again before the test begins, and the ledger is told their new numbers.
    """
    monkeypatch.setenv("FAL_KEY", "any")
    with closing(sqlite3.connect(found.ledger)) as ledger, ledger:
        for number, endpoint, body, state in ledger.execute(UNDER_WAY).fetchall():
            reply = _fetched(f"{provider.url}/{endpoint}", body.encode())
            accepted = json.loads(reply)
            while state == "RESULT" and b"COMPLETED" not in _fetched(accepted["status_url"]):
                continue
            result = _fetched(accepted["response_url"]).decode() if state == "RESULT" else ""
            ledger.execute(IS_NOW, {**accepted, "reply": reply.decode(), "result": result, "id": number})
    known = len(provider.posts)
    return lambda: len(provider.posts) - known


def _fetched(url: str, body: bytes | None = None) -> bytes:
    """What the provider answers to a GET, or to a POST of `body`."""
    headers = {"Authorization": "Key any", "Content-Type": "application/json"}
    with urllib.request.urlopen(urllib.request.Request(url, body, headers)) as reply:
        return bytes(reply.read())
