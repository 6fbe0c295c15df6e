"""Writes the cut of a film from the file of an editing program."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path

from callsheet.dsl.cuts.clips import WRITTEN
from callsheet.dsl.cuts.edit import MARK, Edit, Json, NotAnEdit, Placed, part
from callsheet.dsl.cuts.otio import MOST_BYTES, edit_of
from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.conform.clocks import Clocks
from callsheet.runtime.conform.markers import MOST, remarks
from callsheet.runtime.conform.match import Matcher, Shows
from callsheet.runtime.conform.read import Film, read_timeline
from callsheet.runtime.export.read_cut import read_cut
from callsheet.runtime.export.start_codes import with_start_codes
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.notes.change import take_over
from callsheet.runtime.notes.review import notes_of
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document
from callsheet.spec.media import Artifact
from callsheet.spec.plural import plural
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True)
class Conformed(Document):
    """A cut that was written. path: of its file, None where there were only markers. shots, files: how many
    clips show shots of the film, and files of others. notes: what the film does not show, and shots that are
    too short. remarks: how many notes and answers came from markers."""

    path: Path | None
    shots: int
    files: int
    notes: tuple[str, ...]
    remarks: int = 0


def conform(workspace: Workspace, graph: Graph, edited: Path, store: str = "") -> Conformed:
    """Write the cut of a film beside its pipeline, from a timeline that was edited: OpenTimelineIO, XML of
    Final Cut Pro 7, or an EDL. The whole timeline is kept; each clip says which shot or file it shows. No
    media are changed. Markers become notes on the film.

    store: the folder or URL of a shared store. Raises InputError for a file that is no such timeline or names
    nothing that the film could show; StoreError.
    """
    now = project_state(graph, workspace, store=store)
    timeline, source = read_timeline(edited, lambda: _made_film(now))
    try:
        edit = edit_of(timeline)
    except NotAnEdit as error:
        raise source.refused(error) from None
    about = part(part(timeline, "metadata"), "callsheet")
    films = frozenset(filter(None, (*_handed_over(about), *_film_now(now))))
    match = Matcher(now, films, graph.name, edited.parent)
    _forget(timeline)
    found = [(clip, match(clip)) for clip in edit.clips]
    for clip, shows in found:
        if shows.mark is not None:
            _tell(clip.item, dict(shows.mark))
    marks = [shows.mark for clip, shows in found if shows.mark is not None and clip.kind == "video"]
    if not edit.clips and (taken := _remarked(workspace, now, timeline, edit, found)):
        return Conformed(None, 0, 0, edit.notes, taken)
    if not marks:
        raise InputError(
            f"{edited} shows no shot of {graph.path} and no file of the project",
            "is it the cut of another film?",
        )
    path = graph.path.with_name(graph.path.stem + WRITTEN)
    disk.replace(path, [_written(timeline, edited)])
    shots = sum("address" in mark for mark in marks)
    notes = tuple(dict.fromkeys((*edit.notes, *_notes(edit, found))))
    taken = _remarked(workspace, now, timeline, edit, found)
    return Conformed(path, shots, len(marks) - shots, notes, taken)


def _written(timeline: Json, edited: Path) -> bytes:
    """The cut as it is written, in lines where it is not too large for that: what is written can be read.
    Raises InputError."""
    for indent in (1, None):
        text = json.dumps(timeline, ensure_ascii=False, indent=indent) + "\n"
        data = text.encode("utf-8", "replace")
        if len(data) <= MOST_BYTES:
            return data
    said = f"the cut of {edited} is larger than {MOST_BYTES >> 20} MB"
    raise InputError(said, "export the timeline in parts, or without what other programs keep in it")


def _remarked(
    workspace: Workspace,
    now: ProjectState,
    timeline: Json,
    edit: Edit,
    found: list[tuple[Placed, Shows]],
) -> int:
    """How many notes and answers the markers of the timeline had, which are in the file of the notes now."""
    known = notes_of(workspace, now.graph, now=now).notes
    said = list(islice(remarks(timeline, edit, found, known, now), MOST))
    answers = {one.answers: one.note.text for one in said if one.answers}
    return take_over(workspace, now.graph, [one.note for one in said if not one.answers], answers)


def _film_now(now: ProjectState) -> Iterator[str]:
    """The digests of the film as it is, and of its pictures before sound or colour came to it; none where it
    is not made."""
    try:
        film = film_of(now)[1]
    except InputError:
        return
    yield film.digest
    every = (found for outputs in now.outputs.values() for found in leaves(outputs, Artifact))
    yield from (found.digest for found in every if found.shots == film.shots)


def _made_film(now: ProjectState) -> Film:
    """What an EDL does not say, from the film as it is. Raises InputError where it is not made."""
    try:
        cut = with_start_codes(read_cut(now, None)).cut
    except InputError as error:
        said = f"an EDL does not say how many frames a second it has, and {error.message}"
        raise InputError(said, "export OpenTimelineIO or FCP7 XML instead, or make the film") from None
    return Film(cut.rate, Clocks(now, cut))


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
    named = [clip.name or clip.kind for clip, shows in found if shows.by_name and clip.kind == "video"]
    if named:
        few = ", ".join(dict.fromkeys(name[:40] for name in named[:5])) + (", …" if len(named) > 5 else "")
        yield f"{plural(len(named), 'clip')} known only by the names of their files: {few}"


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
