"""Locks where the system or the disk has fewer of them."""

import errno
import os
from pathlib import Path

import pytest

from callsheet.errors import StoreError
from callsheet.runtime.store.os_lock import held, holder, is_held


def test_who_holds_a_lock_is_in_its_file(tmp_path: Path) -> None:
    lock = tmp_path / "lock"
    lock.write_text("123456789\n")
    with held(lock) as mine:
        assert mine and holder(lock) == os.getpid() and is_held(lock)
    assert not is_held(lock)


def test_a_full_disk_takes_no_name_and_the_lock_holds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "write", full)
    with held(tmp_path / "lock") as mine:
        assert mine and is_held(tmp_path / "lock") and holder(tmp_path / "lock") is None


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP])
def test_a_disk_without_locks_is_named_with_the_next_step(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    fcntl = pytest.importorskip("fcntl")

    def refuse(*_: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refuse)
    with pytest.raises(StoreError, match="cannot lock a file") as raised, held(tmp_path / "lock"):
        pass
    assert "CALLSHEET_STATE" in raised.value.next_step
