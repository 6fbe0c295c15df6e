"""Power cuts on the store: a file that was acknowledged is there, whole, whenever the power goes.

What the store does to the disk is noted. At a cut, a file holds what it held at its last sync and any part of
what came after; a name is certain only once the folder in which it stands was synced.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from callsheet.runtime.calls.result_files import ExpectedFile
from callsheet.runtime.calls.store_files import Results, StoreFiles
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import VIDEO
from callsheet.testing.fakes import FakeInspector

pytestmark = pytest.mark.skipif(os.name != "posix", reason="names are synced on POSIX only")
SPEC = NodeSpec("model", "fal", "text-to-video", {}, {"video": VIDEO}, lambda _: {})
Entry = tuple[str, Path, Any]


class Noting:
    """Stands for the module `os` in `disk`, and notes what goes to the disk."""

    def __init__(self, entries: list[Entry]) -> None:
        self.entries = entries
        self.opened: dict[int, Path] = {}

    def __getattr__(self, name: str) -> Any:
        return getattr(os, name)

    def open(self, path: Path, flags: int, mode: int = 0o777) -> int:
        descriptor = os.open(path, flags, mode)
        self.opened[descriptor] = Path(path)
        if flags & os.O_CREAT:
            self.entries.append(("create", Path(path), None))
        return descriptor

    def write(self, descriptor: int, content: bytes) -> int:
        self.entries.append(("write", self.opened[descriptor], bytes(content)))
        return os.write(descriptor, content)

    def fsync(self, descriptor: int) -> None:
        self.entries.append(("sync", self.opened[descriptor], None))


def noted(tmp_path: Path) -> list[Entry]:
    """What happens to the disk while some files are kept."""
    entries: list[Entry] = []
    work = tmp_path / "work"
    work.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(disk, "os", Noting(entries))
        mkdir, replace = Path.mkdir, Path.replace

        def made(path: Path, *args: Any, **named: Any) -> None:
            entries.append(("mkdir", path, None))
            mkdir(path, *args, **named)

        def moved(path: Path, to: Path) -> Path:
            entries.append(("rename", path, to))
            return replace(path, to)

        patch.setattr(Path, "mkdir", made)
        patch.setattr(Path, "replace", moved)
        store = Store(tmp_path / "store", FakeInspector())
        store.prepare()
        files = StoreFiles(store, Results(lambda _: SPEC, lambda _: {}), work)
        for number in range(24):
            asyncio.run(keep(files, number, entries))
    folders = [path.parent for what, path, _ in entries if what == "kept"]
    assert len(set(folders)) < len(folders)  # files beside each other, too
    return entries


async def keep(files: StoreFiles, number: int, entries: list[Entry]) -> None:
    file = ExpectedFile("video", "video", f"https://x/{number}.mp4")
    content = b"video " + bytes([number]) * 5000
    path = files.download_path(file)
    path.write_bytes(content)
    entries += [("create", path, None), ("write", path, content)]
    kept = await files.keep(file, path)
    entries.append(("kept", files.store.path(kept.digest, kept.suffix), content))


class Cut:
    """What is left of the disk after so many entries. A file is the list of its synced and unsynced bytes."""

    def __init__(self, root: Path, entries: list[Entry], rng: Random) -> None:
        self.root = root
        self.names: dict[Path, Any] = {}
        self.certain: dict[Path, Any] = {}
        self.pending: list[tuple[Path, Callable[[dict[Path, Any]], None]]] = []
        for what, path, value in entries:
            getattr(self, what)(path, value)
        for _, change in self.pending:
            if rng.random() < 0.5:
                change(self.certain)

    def create(self, path: Path, _: None) -> None:
        self._change(path, [bytearray(), bytearray()])

    def mkdir(self, path: Path, _: None) -> None:
        for folder in reversed([path, *path.parents]):
            if folder.is_relative_to(self.root) and folder != self.root and folder not in self.names:
                self._change(folder, "folder")

    def write(self, path: Path, content: bytes) -> None:
        self.names[path][1] += content

    def sync(self, path: Path, _: None) -> None:
        if isinstance(file := self.names.get(path), list):
            file[0] += file[1]
            file[1].clear()
        for folder, change in [p for p in self.pending if p[0] == path]:
            change(self.certain)
            self.pending.remove((folder, change))

    def rename(self, old: Path, new: Path) -> None:
        file = self.names.pop(old)
        self.pending.append((old.parent, lambda names: names.pop(old, None)))
        self._change(new, file)

    def holds(self, path: Path, content: bytes) -> bool:
        """Whether the file is there, and all the folders above it."""
        above = [p for p in path.parents if p.is_relative_to(self.root) and p != self.root]
        file = self.certain.get(path)
        return isinstance(file, list) and bytes(file[0]) == content and all(p in self.certain for p in above)

    def _change(self, path: Path, value: Any) -> None:
        self.names[path] = value
        self.pending.append((path.parent, lambda names: names.__setitem__(path, value)))


def lost(tmp_path: Path, entries: list[Entry], cuts: int) -> int:
    """How many files, over all cuts, were acknowledged and are not there."""
    rng = Random(1)
    missing = 0
    for _ in range(cuts):
        before = entries[: rng.randint(1, len(entries))]
        done = [(path, content) for what, path, content in before if what == "kept"]
        cut = Cut(tmp_path, [entry for entry in before if entry[0] != "kept"], rng)
        missing += sum(not cut.holds(path, content) for path, content in done)
    return missing


def test_no_file_that_was_kept_is_lost(tmp_path: Path, long: bool) -> None:
    assert lost(tmp_path, noted(tmp_path), 5000 if long else 300) == 0


def test_the_simulation_notices_what_is_not_synced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(disk, "sync_folder", lambda _: None)
    assert lost(tmp_path, noted(tmp_path), 100) > 0


def test_the_simulation_notices_files_that_are_not_synced(tmp_path: Path) -> None:
    entries = [e for e in noted(tmp_path) if not (e[0] == "sync" and e[1].name.startswith(".callsheet"))]
    assert lost(tmp_path, entries, 100) > 0
