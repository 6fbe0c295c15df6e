"""Recipes that were fetched from git: `<state>/recipes/<commit>/`, each a tree of plain files."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.store import atomic as disk

FOLDER: Final = "recipes"


@dataclass(frozen=True, slots=True)
class RecipeCache:
    """The fetched trees under `state`, by commit."""

    state: Path

    def folder(self, commit: str) -> Path:
        return self.state / FOLDER / commit

    def has(self, commit: str) -> bool:
        return self.folder(commit).is_dir()

    def make(self, commit: str, fill: Callable[[Path], None]) -> None:
        """Keep the tree of `commit`, whole or not at all. fill: writes its files into an empty folder. Raises
        InputError, and what `fill` raises."""
        try:
            (self.state / FOLDER).mkdir(parents=True, exist_ok=True)
            made = Path(tempfile.mkdtemp(prefix=".new-", dir=self.state / FOLDER))
        except OSError as error:
            raise InputError(
                f"{self.state} cannot be written: {error.strerror}",
                "name another place for the state: CALLSHEET_STATE=/a/folder",
            ) from error
        try:
            fill(made)
            for path, _ in tree_files(made):
                path.chmod(disk.READ_ONLY)
            _move(made, self.folder(commit))
        finally:
            shutil.rmtree(made, ignore_errors=True)


def _move(made: Path, folder: Path) -> None:
    try:
        made.rename(folder)
        disk.sync_folder(folder.parent)
    except OSError as error:
        if not folder.is_dir():
            raise InputError(f"{folder} cannot be written: {error.strerror}") from error


def tree_digest(folder: Path) -> str:
    """The sha256 of every file below `folder` with its path, hex; two trees have the same only if all of
    their files do."""
    whole = hashlib.sha256()
    for path, name in tree_files(folder):
        whole.update(f"{disk.digest(path)} {len(name.encode())}:{name}\n".encode())
    return whole.hexdigest()


def tree_files(folder: Path) -> Iterator[tuple[Path, str]]:
    """Every file below, with its path from `folder`, in the order of these paths."""
    found = (Path(top) / name for top, _, names in os.walk(folder) for name in names)
    named = ((path, path.relative_to(folder).as_posix()) for path in found)
    yield from sorted(named, key=lambda pair: pair[1].encode("utf-8", "surrogateescape"))
