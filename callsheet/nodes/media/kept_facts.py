"""Keeps facts of media files between processes: a picture is decoded once, and not by every `plan`.

They lie in the folder of the user's configuration, and not in the project, which may have come from somebody
else: facts make prices. The file counts only where nobody but this user may write it. What is kept of a file
holds for as long as its path, number, size and times stay the same, to the nanosecond. A file that changes
without any of these, by a disk that puts its times back, is taken for the former one, as `make` does.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import math
import os
import time
from dataclasses import astuple, fields
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import Any, Final

from callsheet._version import __version__
from callsheet.spec.configuration import configuration
from callsheet.spec.media import Facts
from callsheet.spec.regular_file import open_regular

NAME: Final = "facts.json"
MOST: Final = 50_000
"""Files of which facts are kept at most; beyond it the oldest are left out."""
LARGEST: Final = 32 * 1024 * 1024
"""Bytes of the file at most."""
SETTLED: Final = 2.0
"""Seconds after which a change of a file shows in its times, on every disk."""
OTHERS_WRITE: Final = 0o022


class KeptFacts:
    """Facts by the path and state of a file. Read when the first is asked for, and written when the process
    ends."""

    def __init__(self, folder: Path | None = None) -> None:
        self._folder = folder or configuration()
        self._new: dict[str, Facts] = {}
        self._lock = Lock()

    def find(self, path: Path) -> Facts | None:
        """The facts that are kept of a file as it is now."""
        found = _status(path)
        if found is None:
            return None
        name = _name(path, found)
        return self._new.get(name) or _facts(self._kept.get(name))

    def add(self, path: Path, facts: Facts) -> None:
        """Keep the facts of a file as it is now, unless it was changed just before."""
        found = _status(path)
        if found is None or time.time() - found.st_mtime < SETTLED:
            return
        with self._lock:
            if not self._new:
                atexit.register(self.write)
            self._new[_name(path, found)] = facts

    def write(self) -> None:
        """Write what is new. Where that is not possible, nothing is kept."""
        if self._folder is None or not self._new:
            return
        fresh = KeptFacts(self._folder)._kept  # another process may have added to it
        every = {**fresh, **{name: list(astuple(facts)) for name, facts in self._new.items()}}
        kept = dict(list(every.items())[-MOST:])
        part = self._folder / f"{NAME}.{os.getpid()}"
        with contextlib.suppress(OSError):
            try:
                self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
                part.write_text(json.dumps({"program": _program(), "facts": kept}), encoding="utf-8")
                part.chmod(0o600)
                part.replace(self._folder / NAME)
            finally:
                part.unlink(missing_ok=True)

    @cached_property
    def _kept(self) -> dict[str, Any]:
        try:
            said = json.loads(_own(self._folder / NAME)) if self._folder else {}
            return dict(said["facts"]) if said["program"] == _program() else {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
            return {}


def _own(path: Path) -> bytes:
    """The content of a file that nobody but this user may write. Raises OSError, also for any other."""
    with open_regular(path) as file:
        found = os.fstat(file.fileno())
        if found.st_size > LARGEST:
            raise OSError("too large for a file of facts")
        if os.name == "posix" and (found.st_uid != os.getuid() or found.st_mode & OTHERS_WRITE):
            raise OSError("a file that others may write")
        return file.read()


def _status(path: Path) -> os.stat_result | None:
    """None for a file that is gone."""
    try:
        return path.stat()
    except OSError:
        return None


def _name(path: Path, found: os.stat_result) -> str:
    """What facts of a file are kept under: its path and its state."""
    state = found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns
    return json.dumps([str(path.absolute()), *state])


def _facts(said: Any) -> Facts | None:
    """The facts that are written down; None for what cannot be facts."""
    if not isinstance(said, list) or len(said) != len(fields(Facts)):
        return None
    seconds, width, height, fps, audio = said
    whole = all(map(_is_size, (width, height))) and all(map(_is_length, (seconds, fps)))
    return Facts(*said) if whole and (audio is None or isinstance(audio, bool)) else None


def _is_size(value: Any) -> bool:
    return value is None or (type(value) is int and value > 0)


def _is_length(value: Any) -> bool:
    return value is None or (type(value) in (int, float) and math.isfinite(value) and value >= 0)


def _program() -> str:
    """What reads files: another version may see other facts in them."""
    from importlib.metadata import version

    return f"callsheet {__version__}, av {version('av')}, pillow {version('pillow')}"
