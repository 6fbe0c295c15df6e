"""What `doctor --online` says of the shared store."""

from pathlib import Path

import pytest

import callsheet
from tests.s3 import DENIED, S3


def told(online: bool = True) -> list[tuple[str, str]]:
    found = callsheet.doctor(online=online).findings
    return [(one.level, one.message) for one in found if one.subject == "shared store"]


@pytest.fixture(autouse=True)
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "callsheet.toml").touch()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("callsheet.runtime.doctor.examine.services", lambda online: iter(()))


def test_a_store_says_what_it_can_do(s3: S3, monkeypatch: pytest.MonkeyPatch) -> None:
    assert told() == []
    monkeypatch.setenv("CALLSHEET_STORE", s3.url)
    assert told(online=False) == [] and not s3.requests
    assert told() == [
        ("ok", f"{s3.url} can be read and written; of two that write at the same moment one wins")
    ]
    s3.fault = lambda method, path: DENIED if method == "PUT" else None
    ((level, message),) = told()
    assert level == "warning" and message.startswith("it can only be read: ")
    s3.fault = lambda method, path: DENIED
    ((level, message),) = told()
    assert level == "error" and "cannot be read" in message
