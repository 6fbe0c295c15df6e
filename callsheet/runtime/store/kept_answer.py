"""What a command told of a film for which nothing had to be made: repeated as long as nothing changed.

It is only ever printed. No run reads it, so it is never a reason to buy, or not to ask.

    <state>/receipts/<verb>-<digest of what was asked>.json
"""

from __future__ import annotations

import contextlib
import json
import os
import time
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from callsheet.errors import StoreError
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.fingerprint import RECEIPTS, Place, fingerprint, surroundings
from callsheet.spec.regular_file import read_regular

LARGEST: Final = 256 * 1024 * 1024
"""Bytes of a file that is read."""
MOST: Final = 20
"""Answers to each verb that are kept in a project."""
TICK: Final = 100_000_000
"""Nanoseconds within which two changes of a file may get the same time."""
COARSE_TICK: Final = 2_000_000_000
"""The same on a disk that counts seconds."""
CLOCKS_APART: Final = 100_000_000
"""Nanoseconds by which the clocks of disk and machine may differ."""

Said = tuple[str, bool]
"""A text that was printed, and whether on standard error."""


@dataclass(frozen=True, slots=True)
class KeptAnswer:
    """The answer to one question about films. path: its file. began: when the command began, in nanoseconds
    since the epoch, and `ran` on the clock that nobody sets. around, names: what lay around the films, and in
    each state folder, then."""

    path: Path
    places: Sequence[Place]
    asked: str
    began: int
    ran: int
    around: str
    names: Sequence[frozenset[str]]

    @classmethod
    def to(cls, verb: str, asked: str, places: Sequence[Place]) -> KeptAnswer:
        """The answer to `asked`, a text of what the verb was given. places: of the films, at least one."""
        digest = sha256(f"{asked}\n{Path.cwd()}".encode("utf-8", "surrogatepass")).hexdigest()[:32]
        path = places[0].state / RECEIPTS / f"{verb}-{digest}.json"
        began, ran = time.time_ns(), time.monotonic_ns()
        return cls(
            path, places, asked, began, ran, surroundings(places), [_names(place.state) for place in places]
        )

    def read(self) -> list[Said] | None:
        """What was said, if nothing changed since; None otherwise."""
        try:
            content = read_regular(self.path, LARGEST)
            head, _, said = content.partition(b"\n")
            digest, files = json.loads(head)
            found = fingerprint(self.places, self.asked, int(files), self.around)
            if found is None or found.digest != digest or len(content) > LARGEST:
                return None
            return [(str(text), bool(error)) for text, error in json.loads(said)]
        except (OSError, ValueError, TypeError, OverflowError, RecursionError):
            return None

    def keep(self, said: Sequence[Said], most: int) -> None:
        """Keep what was said, unless something changed since the command began. most: files of the project at
        most. An answer that cannot be kept is left out."""
        found = fingerprint(self.places, self.asked, most, self.around)
        if found is None or self.began - found.changed < _tick(found.changed) or not self._stayed():
            return
        lines = json.dumps([found.digest, found.files]), json.dumps(list(said))
        try:
            self.path.parent.mkdir(exist_ok=True)
            before = time.time_ns()
            disk.replace(self.path, ["\n".join(lines).encode("utf-8", "surrogatepass")], mode=0o600)
            written = self.path.stat().st_mtime_ns
        except (OSError, StoreError):
            return
        if not before - CLOCKS_APART < written < time.time_ns() + CLOCKS_APART:
            self.path.unlink(missing_ok=True)  # "before" and "after" would mean nothing
        self._prune()

    def _stayed(self) -> bool:
        """Whether what the times of files do not tell is as it was when the command began."""
        set_by = time.time_ns() - self.began - (time.monotonic_ns() - self.ran)
        return abs(set_by) < CLOCKS_APART and self._has_all() and surroundings(self.places) == self.around

    def _has_all(self) -> bool:
        """Whether nothing was removed from a state folder: its own time says little, since SQLite makes and
        removes files in it."""
        return all(
            all(name in _names(place.state) or name.endswith(("-shm", "-wal")) for name in names)
            for place, names in zip(self.places, self.names, strict=True)
        )

    def _prune(self) -> None:
        """Remove the oldest answers of this verb."""
        with contextlib.suppress(OSError):
            verb = self.path.name.partition("-")[0]
            kept = sorted(self.path.parent.glob(f"{verb}-*.json"), key=lambda path: path.stat().st_mtime_ns)
            for path in kept[:-MOST]:
                path.unlink(missing_ok=True)


def _tick(changed: int) -> int:
    return TICK if changed % 1_000_000_000 else COARSE_TICK


def _names(folder: Path) -> frozenset[str]:
    try:
        return frozenset(os.listdir(folder))  # noqa: PTH208 names alone
    except OSError:
        return frozenset()
