"""Files on systems and disks that can do less than a local disk on Linux."""

import ctypes
import errno
import os
import stat
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from callsheet.errors import StoreError
from callsheet.runtime.store import atomic


def on_folders(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """The sync of a folder fails with this error."""
    sync = os.fsync

    def refuse(descriptor: int) -> None:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            raise OSError(number, os.strerror(number))
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", refuse)


def test_a_system_without_links_creates_a_file_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "link")
    assert atomic.create(tmp_path / "a", [b"first"])
    assert not atomic.create(tmp_path / "a", [b"second"])
    assert (tmp_path / "a").read_bytes() == b"first" and [path.name for path in tmp_path.iterdir()] == ["a"]


@pytest.mark.parametrize("number", [errno.EINVAL, errno.EOPNOTSUPP])
def test_a_drive_that_syncs_no_folder_takes_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    on_folders(monkeypatch, number)
    atomic.replace(tmp_path / "a", [b"text"])
    assert (tmp_path / "a").read_bytes() == b"text"


def test_a_drive_that_fails_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    on_folders(monkeypatch, errno.EIO)
    with pytest.raises(StoreError):
        atomic.replace(tmp_path / "a", [b"text"])


def test_macos_is_asked_to_bring_the_bytes_to_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = []
    fcntl = pytest.importorskip("fcntl")
    monkeypatch.setattr(fcntl, "F_FULLFSYNC", 51, raising=False)
    monkeypatch.setattr(fcntl, "fcntl", lambda descriptor, what: asked.append(what))
    atomic.write_new(tmp_path / "a", [b"text"])
    assert asked == [51]


def test_a_file_that_a_player_has_open_is_replaced_when_it_is_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pauses: list[float] = []
    move = Path.replace

    def replace(new: Path, path: Path) -> None:
        if len(pauses) < 2:
            raise PermissionError(errno.EACCES, "Access is denied")
        move(new, path)

    monkeypatch.setattr(Path, "replace", replace)
    monkeypatch.setattr(atomic, "PAUSES", (1.0, 2.0, 3.0))
    monkeypatch.setattr(atomic.time, "sleep", pauses.append)
    atomic.replace(tmp_path / "a", [b"text"])
    assert pauses == [1.0, 2.0] and (tmp_path / "a").read_bytes() == b"text"


class System:
    """The calls of Windows about processes: one that runs, one that ended, one of somebody else."""

    RUNS, ENDED, FOREIGN = 4, 8, 12

    def __init__(self) -> None:
        self.open: list[int] = []
        self.error = 0

    def library(self, name: str, use_last_error: bool) -> Any:
        assert name == "kernel32" and use_last_error
        return SimpleNamespace(
            OpenProcess=self.OpenProcess,
            WaitForSingleObject=lambda handle, _: 0x102 if handle == self.RUNS else 0,
            CloseHandle=self.open.remove,
        )

    def OpenProcess(self, right: int, inherit: bool, process: int) -> int:
        if process in (self.RUNS, self.ENDED):
            self.open.append(process)
            return process
        self.error = 5 if process == self.FOREIGN else 87
        return 0


def test_windows_tells_whether_a_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    system = System()
    monkeypatch.setattr(os, "name", "windows")
    monkeypatch.setattr(os, "kill", None)  # it would end the process there
    assert atomic.alive(1)  # where the system cannot be asked, nothing is taken from anybody
    monkeypatch.setattr(ctypes, "WinDLL", system.library, raising=False)
    monkeypatch.setattr(ctypes, "get_last_error", lambda: system.error, raising=False)
    assert [atomic.alive(process) for process in (4, 8, 12, 16)] == [True, False, True, False]
    assert system.open == []


@pytest.mark.skipif(not Path("/dev/fd").exists(), reason="devices have names on Unix alone")
def test_what_is_named_as_a_device_is_written_into(tmp_path: Path) -> None:
    with (tmp_path / "out").open("wb") as file:
        named = Path(f"/dev/fd/{file.fileno()}")
        atomic.replace(named, [b"one ", b"two"])
        assert named.exists()
    assert (tmp_path / "out").read_bytes() == b"one two"
    with pytest.raises(StoreError):
        atomic.replace(Path("/dev/fd/no-number"), [b""])
