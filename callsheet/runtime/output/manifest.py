"""Records which files in a folder callsheet wrote: one line for each, written before the file gets its
name. One more line says which film they are of."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.regular_file import open_regular

NAME: Final = ".callsheet.jsonl"


@dataclass(frozen=True, slots=True)
class Entry:
    """One file that callsheet wrote.

    sha256: of the stored content. size in bytes and mtime in nanoseconds: of the file as it was written.
    made: the key of its result; another key means another note. noted: whether the file holds its note. note:
    the note of a file that cannot hold one.
    """

    sha256: str
    size: int
    mtime: int
    made: str = ""
    noted: bool = False
    note: str = ""


FORM: Final = {"name": str, "sha256": str, "size": int, "mtime": int, "made": str, "noted": bool, "note": str}
"""The fields of a line. Checked by hand: every run reads manifests, and pydantic takes longer to load."""


class Manifest:
    """The manifest of `folder`: file name → what callsheet last wrote there. It is not synced to the disk,
    since it can be made anew."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / NAME
        self.files, self._film, self._lines = _read(self.path)
        self._descriptor: int | None = None

    @property
    def owner(self) -> Path | None:
        """The pipeline file of the film that the folder is of; None where that is not known."""
        return Path(os.path.normpath(self.folder.resolve() / self._film)) if self._film else None

    def belong_to(self, film: Path) -> None:
        """Record the pipeline file of the film that the folder is of. Raises StoreError."""
        try:
            path = Path(os.path.relpath(film.resolve(), self.folder.resolve())).as_posix()
        except ValueError:  # on another drive
            path = film.resolve().as_posix()
        if path != self._film:
            self._film = path
            self._append(_film_line(path))

    def add(self, name: str, entry: Entry) -> None:
        """Record that `name` is about to be written. Raises StoreError."""
        if self.files.get(name) == entry:
            return
        self.files[name] = entry
        self._append(_line(name, entry))

    def is_there(self, name: str, entry: Entry) -> bool:
        """Whether the file called `name` is as callsheet wrote it, by its size and time."""
        try:
            found = os.lstat(f"{self.folder}/{name}")
        except OSError:
            return False
        return found.st_size == entry.size and found.st_mtime_ns == entry.mtime

    def keep_only(self, names: Iterable[str]) -> None:
        """Remove the files that are not in `names`, unless somebody changed them, and shorten the manifest if
        that is worth it. Raises StoreError."""
        gone = self.files.keys() - names
        for name in sorted(gone):
            if self.is_there(name, self.files.pop(name)):
                with contextlib.suppress(OSError):
                    (self.folder / name).unlink()
        self.close()
        if gone or self._lines > 2 * len(self.files) + 1:
            lines = [_film_line(self._film)] if self._film else []
            lines += [_line(*item) for item in sorted(self.files.items())]
            disk.replace(self.path, lines)
            self._lines = len(lines)

    def close(self) -> None:
        """Close the file until something is added."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _append(self, line: bytes) -> None:
        try:
            os.write(self._opened(), line)
        except OSError as error:
            raise explained(error, self.path) from error
        self._lines += 1

    def _opened(self) -> int:
        if self._descriptor is None:
            flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
            self._descriptor = os.open(self.path, flags, 0o644)
        return self._descriptor


def _line(name: str, entry: Entry) -> bytes:
    return json.dumps({"name": name, **asdict(entry)}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _film_line(path: str) -> bytes:
    return json.dumps({"film": path}, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


def _read(path: Path) -> tuple[dict[str, Entry], str, int]:
    """The entries of a manifest, the film that they are of, and its number of lines. A line that a crash cut
    off, or that names a path, is left out."""
    try:
        with open_regular(path) as file:
            lines = file.read().splitlines()
    except OSError:
        return {}, "", 0
    values = list(_values(lines))
    films = [found["film"] for found in values if isinstance(found, dict) and found.keys() == {"film"}]
    film = films[-1] if films and isinstance(films[-1], str) and "\0" not in films[-1] else ""
    return dict(filter(None, map(_entry, values))), film, len(lines)


def _values(lines: list[bytes]) -> Iterable[object]:
    """The JSON of each line; parsed all at once where no line is cut off, which takes half the time."""
    try:
        whole: list[object] = json.loads(b"[" + b",".join(lines) + b"]")
    except (ValueError, RecursionError):
        return map(_value, lines)
    return whole


def _value(line: bytes) -> object:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _entry(found: object) -> tuple[str, Entry] | None:
    if not isinstance(found, dict) or any(type(value) is not FORM.get(name) for name, value in found.items()):
        return None
    try:
        name = found.pop("name")
        entry = Entry(**found)
    except (KeyError, TypeError):
        return None
    inside = name not in ("", ".", "..") and not any(mark in name for mark in "/\\\0")
    return (name, entry) if inside else None
