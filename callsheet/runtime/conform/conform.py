"""Writes the cut of a film from the file of an editing program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.dsl.cuts.edit import MARK, Edit, Json, NotAnEdit, Placed, part
from callsheet.dsl.cuts.otio import MOST_BYTES, edit_of, parsed
from callsheet.dsl.diagnostics.source import Source
from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.conform.match import Matcher, Shows
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.regular_file import read_regular

ENDING: Final = ".cut.otio"


@dataclass(frozen=True, slots=True)
class Conformed:
    """A cut that was written. path: of its file. shots, files: how many clips show shots of the film, and
    files of others. notes: what the film does not show, and shots that are too short."""

    path: Path
    shots: int
    files: int
    notes: tuple[str, ...]


def conform(workspace: Workspace, graph: Graph, edited: Path, store: str = "") -> Conformed:
    """Write the cut of a film beside its pipeline, from a timeline of OpenTimelineIO that was edited. The
    whole timeline is kept; each clip says which shot or file it shows. No media are changed.

    store: the folder or URL of a shared store. Raises InputError for a file that is no such timeline or names
    nothing that the film could show; StoreError.
    """
    timeline, edit = _read(edited)
    now = project_state(graph, workspace, store=store)
    about = part(part(timeline, "metadata"), "callsheet")
    films = frozenset(filter(None, (*_handed_over(about), _film_now(now))))
    match = Matcher(now, films, graph.name, edited.parent)
    _forget(timeline)
    found = [(clip, match(clip)) for clip in edit.clips]
    for clip, shows in found:
        if shows.mark is not None:
            _tell(clip.item, dict(shows.mark))
    marks = [shows.mark for clip, shows in found if shows.mark is not None and clip.kind == "video"]
    if not marks:
        raise InputError(
            f"{edited} shows no shot of {graph.path} and no file of the project",
            "is it the cut of another film?",
        )
    path = graph.path.with_name(graph.path.stem + ENDING)
    text = json.dumps(timeline, ensure_ascii=False, indent=1) + "\n"
    disk.replace(path, [text.encode("utf-8", "replace")])
    shots = sum("address" in mark for mark in marks)
    notes = (*edit.notes, *_notes(edit, found))
    return Conformed(path, shots, len(marks) - shots, tuple(dict.fromkeys(notes)))


def _film_now(now: ProjectState) -> str:
    """The digest of the film as it is; "" where it is not made."""
    try:
        return film_of(now)[1].digest
    except InputError:
        return ""


def _read(edited: Path) -> tuple[Json, Edit]:
    try:
        data = read_regular(edited, MOST_BYTES)
    except OSError as error:
        raise InputError(
            f"{edited} cannot be read: {error.strerror}", "name the file that was exported"
        ) from error
    if len(data) > MOST_BYTES:
        raise InputError(
            f"{edited} is larger than {MOST_BYTES >> 20} MB", "export the timeline without media"
        )
    text = data.decode("utf-8-sig", "replace")
    try:
        timeline = parsed(text)
        return timeline, edit_of(timeline)
    except NotAnEdit as error:
        line, column = Source(edited, text).position(error.offset)
        place = f"{edited}:{line}:{column}" if error.offset else str(edited)
        raise InputError(f"{place}: {error.message}", error.next_step) from None


def _forget(timeline: Json) -> None:
    """Remove what an earlier conform, or anybody else, said that clips show."""
    tracks = part(timeline, "tracks").get("children")
    for track in tracks if isinstance(tracks, list) else []:
        items = track.get("children") if isinstance(track, dict) else None
        for item in items if isinstance(items, list) else []:
            part(part(item, "metadata"), "callsheet").pop(MARK, None)


def _tell(item: Json, mark: Json) -> None:
    """Write into a clip what it shows."""
    metadata = item["metadata"] = {**part(item, "metadata")}
    metadata["callsheet"] = {**part(metadata, "callsheet"), MARK: mark}


def _notes(edit: Edit, found: list[tuple[Placed, Shows]]) -> Iterator[str]:
    for clip, shows in found:
        if shows.why:
            yield f"{clip.kind} clip {clip.name[:80]!r} {shows.why}"
        elif shows.artifact is not None and clip.kind == "video":
            yield from _too_short(edit, clip, shows)


def _too_short(edit: Edit, clip: Placed, shows: Shows) -> Iterator[str]:
    """What a person has to do where a clip shows more than its shot has."""
    assert shows.artifact is not None and shows.mark is not None
    whole = shows.artifact.facts.seconds
    end = clip.start + (clip.frames + clip.leave) * clip.speed / edit.rate
    if whole is None or end <= Fraction(whole).limit_denominator(10**6) + 1 / edit.rate:
        return
    name = shows.mark.get("address", clip.name)
    yield (
        f"{name} is {whole:.2f} s long and the cut shows it up to {float(end):.2f} s, so its last picture is "
        "held: ask for a longer one and see its price with callsheet plan"
    )


def _handed_over(about: Json) -> Iterator[str]:
    """The digests of the film and of the parts of its sound, as they were handed over."""
    stems = about.get("stems")
    yield from map(str, (about.get("digest") or "", *(stems if isinstance(stems, list) else ())))
