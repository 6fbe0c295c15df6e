"""The file of the notes on a film, `film.notes.jsonl`: one note a line, so that git can merge it."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import InputError, StoreError
from callsheet.runtime.notes.note import Json, Note, folded, note_in, parsed_line
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.os_lock import held
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import AT_WORK, project_root, require_inside
from callsheet.spec.regular_file import read_regular

ENDING: Final = ".notes.jsonl"
MOST_BYTES: Final = 64 << 20
MOST_NOTES: Final = 50_000
MOST_OF_A_LINE: Final = 1 << 20
"""Bytes; a longer line is kept and not read."""
MARKS: Final = (b"<<<<<<<", b"=======", b">>>>>>>", b"|||||||")
"""How lines begin that a merge leaves. The notes of both sides are between them."""
PATIENCE: Final = 10.0
"""Seconds to wait for another process that writes the file."""


@dataclass(frozen=True, slots=True)
class Notes:
    """The notes on a film, in the order of the file. path: of the file, which need not exist. problems: what
    is in it that is no note, in sentences."""

    path: Path
    notes: tuple[Note, ...] = ()
    problems: tuple[str, ...] = ()

    def one(self, name: str) -> Note:
        """The note with this id, or the only one whose id begins so. Raises InputError."""
        found = [n for n in self.notes if n.id == name] or [n for n in self.notes if n.id.startswith(name)]
        if len(found) == 1 and name:
            return found[0]
        if found and name:
            raise InputError(f"{name} begins the ids of {len(found)} notes", "write more of it")
        raise InputError(f"{self.path} has no note {name}", "callsheet notes lists them with their ids")


def notes_path(pipeline: Path) -> Path:
    """`film.notes.jsonl` beside `film.yaml`."""
    return pipeline.with_name(pipeline.stem + ENDING)


def read_notes(pipeline: Path) -> Notes:
    """The notes beside a pipeline; none where there is no file. What is no note in it is passed over, and
    said. Raises InputError for a file that cannot be read, and for a link out of the project."""
    path = notes_path(pipeline)
    lines = _lines(path)
    places: dict[str, int] = {}
    versions: dict[str, list[Json]] = {}
    odd = []
    for number, line in enumerate(lines, 1):
        found = _object(line)
        note = note_in(found) if found is not None else None
        if note is None or found is None:
            odd += [number] if line.strip() and not line.startswith(MARKS) else []
        elif note.id in versions or len(versions) < MOST_NOTES:
            versions.setdefault(note.id, []).append(found)
            places.setdefault(note.id, number)
    notes = tuple(note for known in versions.values() if (note := note_in(folded(known))) is not None)
    return Notes(path, notes, tuple(_problems(path, odd, len(notes))))


def _problems(path: Path, odd: list[int], count: int) -> Iterator[str]:
    if odd:
        named = ", ".join(map(str, odd[:5])) + (", …" if len(odd) > 5 else "")
        lines = "line" if len(odd) == 1 else "lines"
        yield f"{path}: {lines} {named} can be read as no note, and {'is' if len(odd) == 1 else 'are'} kept"
    if count >= MOST_NOTES:
        yield f"{path}: only the first {MOST_NOTES:,} notes are read"


@contextmanager
def to_be_changed(workspace: Workspace, pipeline: Path) -> Iterator[Notes]:
    """The notes beside a pipeline, while no other process changes them.

    Raises InputError like `read_notes`, StoreError when others are at work for too long.
    """
    lock = workspace.state / AT_WORK / f"notes-{pipeline.stem}.lock"
    workspace.ignore()
    end = time.monotonic() + PATIENCE
    while True:
        with held(lock) as is_mine:
            if is_mine:
                yield read_notes(pipeline)
                return
        if time.monotonic() > end:
            raise StoreError(
                f"another process changes {notes_path(pipeline)}", "wait until it has ended, and try again"
            )
        time.sleep(0.02)


def write_note(pipeline: Path, note: Note) -> None:
    """`write_notes` of one."""
    write_notes(pipeline, [note])


def write_notes(pipeline: Path, notes: Iterable[Note]) -> None:
    """Put notes into the file: in the places of their earlier versions, or at the end. Every other line stays
    byte for byte; the marks of a merge go. Raises InputError like `read_notes`, StoreError."""
    path = notes_path(pipeline)
    own = {
        note.id: json.dumps(note.to_json(), ensure_ascii=False).encode("utf-8", "replace") for note in notes
    }
    if not own:
        return
    written: list[bytes] = []
    waiting = dict(own)
    for line in _lines(path):
        found = _object(line)
        name = found.get("id") if found is not None else None
        if isinstance(name, str) and name in own:
            written += [waiting.pop(name)] if name in waiting else []
        elif line.strip() and not line.startswith(MARKS):
            written.append(line)
    disk.replace(path.resolve(), [b"\n".join([*written, *waiting.values(), b""])])


def _object(line: bytes) -> Json | None:
    if len(line) > MOST_OF_A_LINE:
        return None
    try:
        return parsed_line(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return None


def _lines(path: Path) -> list[bytes]:
    """Raises InputError."""
    if path.is_symlink():
        require_inside(path, project_root(path.parent))
    try:
        data = read_regular(path, MOST_BYTES)
    except FileNotFoundError:
        return []
    except OSError as error:
        raise InputError(
            f"{path} cannot be read: {error.strerror}", "it has the notes on the film"
        ) from error
    if len(data) > MOST_BYTES:
        raise InputError(f"{path} is larger than {MOST_BYTES >> 20} MB", "remove the notes that are done")
    return data.splitlines()
