"""Which files in a folder are ours: a line for each, written before the file is."""

from __future__ import annotations

import contextlib
import json
import os
from pathlib import Path
from typing import Final

from callsheet.runtime import disk

NAME: Final = ".callsheet.jsonl"


class Manifest:
    """The manifest of `folder`: file name → digest of what we last put there."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.files = _read(self.path)

    def add(self, name: str, digest: str) -> None:
        """Note that `name` is about to be ours. Raises StoreError."""
        if self.files.get(name) == digest:
            return
        self.files[name] = digest
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _no_follow(), 0o644)
            try:
                os.write(descriptor, _line(name, digest))
            finally:
                os.close(descriptor)
        except OSError as error:
            raise disk.explained(error, self.path) from error

    def keep_only(self, names: set[str]) -> None:
        """Remove our files that are not in `names`, as long as they still are what we put there."""
        for name in sorted(self.files.keys() - names):
            path = self.folder / name
            if _is_ours(path, self.files.pop(name)):
                with contextlib.suppress(OSError):
                    path.unlink()
        disk.replace(self.path, [_line(*item) for item in sorted(self.files.items())])


def _is_ours(path: Path, digest: str) -> bool:
    try:
        return not path.is_symlink() and disk.digest(path) == digest
    except OSError:
        return False


def _line(name: str, digest: str) -> bytes:
    return json.dumps({"name": name, "sha256": digest}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _read(path: Path) -> dict[str, str]:
    """What the manifest says; a line that was torn by a crash, or that names a path, says nothing."""
    files: dict[str, str] = {}
    with contextlib.suppress(OSError):
        for line in path.read_bytes().splitlines():
            with contextlib.suppress(ValueError, KeyError, TypeError):
                entry = json.loads(line)
                name, sha = entry["name"], entry["sha256"]
                if isinstance(name, str) and Path(name).name == name and "\\" not in name:
                    files[name] = str(sha)
    return files


def _no_follow() -> int:
    return getattr(os, "O_NOFOLLOW", 0)
