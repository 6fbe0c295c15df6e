"""A folder in which files of callsheet lie beside those of others. Only its own are ever replaced or removed.

The manifest says which are its own. A name always leads to a complete file: a new one is written beside it
and replaces it in one step. Nothing here is synced to the disk, since all of it can be made again from the
store: a file that a loss of power damaged has another size or time than in the manifest, and the next run
replaces it.
"""

from __future__ import annotations

import contextlib
import stat
from collections import defaultdict
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from threading import RLock

from callsheet.errors import InputError, StoreError
from callsheet.nodes.media import tags
from callsheet.runtime.output.file_names import Names
from callsheet.runtime.output.layout import FOLDERS
from callsheet.runtime.output.manifest import Entry, Manifest
from callsheet.runtime.output.provenance import reading
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained

Write = Callable[[Path], tuple[bool, str]]
"""Writes a new file to a path. Returns whether the file holds its note, and the note if it does not."""


class OwnedFolder:
    """One folder, for one run. Its methods may be called from several threads, but for one name at a time.

    written: name → digest of what was written or found in this run.
    """

    def __init__(self, path: Path, below: Path, former: OwnedFolder | None = None) -> None:
        """Create the folder, which lies in `below`, and test it. former: where an earlier version kept the
        same files; they are moved here.

        Raises InputError if no file can be written there.
        """
        _try(path, below)
        self.path = path
        self.manifest = Manifest(path)
        self.names = Names()
        self.written: dict[str, str] = {}
        self._notes: dict[str, None] = {}
        self._former = former
        self._lock = RLock()

    def belong_to(self, film: Path) -> None:
        """Record which film the folder is of. Raises InputError where that cannot be written."""
        try:
            self.manifest.belong_to(film)
        except StoreError as error:
            raise _unwritable(self.path, error) from error

    def claim(self, base: str, ending: str, digest: str, own: bool = True) -> str:
        """A name for content with this digest, which no file of somebody else has. own: see `Names.claim`."""

        def free(name: str) -> bool:
            if name.casefold() in FOLDERS:
                return False
            if name in self.manifest.files or not _is_foreign(self.path / name, digest):
                return True
            taken.append(name)
            return False

        taken: list[str] = []
        with self._lock:
            name = self.names.claim(base, ending, digest, own, free)
            for other in taken:
                note = f"{self.path / other} is not from callsheet, so it stays; the result is {name}"
                self._notes[note] = None
        return name

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of files of others."""
        return tuple(self._notes)

    def put(self, name: str, digest: str, made: str, write: Write) -> Path:
        """The file with this content, made under the key `made`; it is written if it is not there.

        Raises StoreError.
        """
        there = self.written.get(name) == digest or self._is_there(name, digest, made)
        if not there and not self._take_over(name, digest, made):
            self._write(name, digest, made, write)
        self.written[name] = digest
        return self.path / name

    def close(self, complete: bool) -> None:
        """After a complete run, remove own files that were not written or found in it. Raises StoreError."""
        self.manifest.keep_only(self.written if complete else self.written.keys() | self.manifest.files)

    def _is_there(self, name: str, digest: str, made: str) -> bool:
        entry = self.manifest.files.get(name)
        same = entry is not None and entry.sha256 == digest and entry.made == made
        return entry is not None and same and self.manifest.is_there(name, entry)

    def _write(self, name: str, digest: str, made: str, write: Write) -> None:
        new = disk.temporary(self.path)
        noted, note = write(new)
        try:
            found = new.lstat()
            self._record(name, Entry(digest, found.st_size, found.st_mtime_ns, made, noted, note))
            disk.move(new, self.path / name, lasting=False)
        except BaseException as error:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
            if isinstance(error, OSError):
                raise explained(error, new) from error
            raise

    def _record(self, name: str, entry: Entry) -> None:
        with self._lock:
            self.manifest.add(name, entry)

    def _take_over(self, name: str, digest: str, made: str) -> bool:
        """Move the file here from where an earlier version kept it. Killed anywhere, it is done again, or the
        file is written anew."""
        if self._former is None:
            return False
        for old, entry in self._former.given_up.get((digest, made), ()):
            if old not in self._former.written and self._former.manifest.is_there(old, entry):
                self._record(name, entry)
                with contextlib.suppress(OSError):
                    (self._former.path / old).replace(self.path / name)
                    return True
        return False

    @cached_property
    def given_up(self) -> dict[tuple[str, str], list[tuple[str, Entry]]]:
        """Digest and key → name and entry of own files whose names no output has any more."""
        kept, found = self.names.bases, defaultdict(list)
        for name, entry in self.manifest.files.items():
            if not name.casefold().startswith(kept):
                found[entry.sha256, entry.made].append((name, entry))
        return found


def _try(folder: Path, below: Path) -> None:
    """Test now, and not after an hour of work, whether files can be written to `folder`."""
    inside = folder.relative_to(below)
    try:
        for place in (*reversed(inside.parents), inside):
            _make(below / place)
        disk.sweep(folder)
        trial = disk.temporary(folder)
        disk.write_new(trial, [b""])
        trial.unlink()
    except StoreError as error:
        raise _unwritable(folder, error) from error


def _unwritable(folder: Path, error: StoreError) -> InputError:
    return InputError(f"nothing can be written to {folder}: {error.message}", error.next_step)


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} cannot be a folder: a file is in its way",
            "move it away, or choose another --out",
        ) from error
    except OSError as error:
        raise explained(error, folder) from error
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to somewhere else", "remove it, or choose another --out")


def _is_foreign(path: Path, digest: str) -> bool:
    """Whether something is at `path` that callsheet did not write for content with this digest. It tells by
    the bytes, or by the note inside."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return True
        if disk.digest(path) == digest:
            return False
        note = reading.read(tags.texts(path))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return note is None or note.sha256 != digest
