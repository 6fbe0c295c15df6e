"""What a sync of the models has done so far, so that one that was killed goes on where it was."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.disk_errors import explained

NAME: Final = "sync.jsonl"
VERSION: Final = 1
FRESH: Final = 6 * 3600.0
"""Seconds for which an unfinished sync is gone on with; an older one begins anew."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document. said: what is wrong with it, else the task of the model."""

    what: Literal["new", "changed", "same", "problem"]
    said: str = ""


class SyncJournal:
    """The outcomes so far, in `.callsheet/sync.jsonl`, for the length of a `with` block.

    place, only: a sync of another server, or of other models, is not gone on with. dry: nothing is kept, and
    nothing gone on with. Raises StoreError.
    """

    def __init__(self, workspace: Workspace, place: str, only: Sequence[str], dry: bool) -> None:
        self.path = workspace.state / NAME
        self.done: dict[str, Outcome] = {}
        self._workspace, self._dry = workspace, dry
        self._head = {"version": VERSION, "place": place, "only": list(only)}
        self._file: TextIO | None = None

    def __enter__(self) -> SyncJournal:
        if self._dry:
            return self
        self._workspace.ignore()
        try:
            self._go_on()
        except OSError as error:
            raise explained(error, self.path) from error
        return self

    def __exit__(self, *_: object) -> None:
        if self._file is not None:
            self._file.close()

    def keep(self, endpoints: Sequence[str]) -> None:
        """Note the outcomes of these endpoints, whose documents are written. Raises StoreError."""
        if self._file is None:
            return
        lines = ((name, self.done[name].what, self.done[name].said) for name in endpoints)
        try:
            self._file.write("".join(f"{json.dumps(line)}\n" for line in lines))
            self._file.flush()
        except OSError as error:
            raise explained(error, self.path) from error

    def remove(self) -> None:
        """Remove the journal: the sync is done."""
        self.__exit__()
        self.path.unlink(missing_ok=True)

    def _go_on(self) -> None:
        head, done = _read(self.path)
        started = head.pop("started", 0.0)
        if head != self._head or not 0 <= time.time() - float(started) < FRESH:
            text = json.dumps({**self._head, "started": time.time()}) + "\n"
            disk.replace(self.path, [text.encode()], mode=0o600)
            done = {}
        self.done = done
        self._file = self.path.open("a", encoding="utf-8")
        if self.path.read_bytes()[-1:] != b"\n":
            self._file.write("\n")  # the line at which it was killed


def _read(path: Path) -> tuple[dict[str, Any], dict[str, Outcome]]:
    """The head and the outcomes; of a line that was cut off, nothing."""
    lines = path.read_text(encoding="utf-8", errors="replace").split("\n") if path.is_file() else [""]
    head, done = _parsed(lines[0]), {}
    for line in lines[1:]:
        match _parsed(line):
            case [str(name), "new" | "changed" | "same" | "problem" as what, str(said)]:
                done[name] = Outcome(what, said)
    return (head if isinstance(head, dict) else {}), done


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except ValueError:
        return None
