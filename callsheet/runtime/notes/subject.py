"""What a note is about, and whether that is still what the film shows."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from callsheet.dsl.graph import Instance
from callsheet.errors import InputError
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.notes.note import Note
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.frame_rate import exact
from callsheet.spec.media import Artifact
from callsheet.spec.types import AUDIO, IMAGE, VIDEO
from callsheet.spec.values import leaves


@dataclass(frozen=True, slots=True)
class Subject:
    """What is seen or heard. shot: the address without the take, "" for the film. digest, key: of the result,
    "" where it is not made. frames: how many pictures, None where that is not known. rate: pictures a
    second."""

    shot: str = ""
    take: int = 1
    digest: str = ""
    key: str = ""
    frames: int | None = None
    rate: Fraction | None = None


def subject_of(now: ProjectState, shot: str = "") -> Subject:
    """What a new note on a shot is about: the take that counts, or the one that is named (`clip["dawn"]#2`).
    shot: an address, "" for the film. Raises InputError for an address that names nothing, or several."""
    if not shot:
        return _film(now)
    found = now.named([shot])
    if len(found) != 1:
        names = ", ".join(instance.base for instance in found[:5])
        raise InputError(f"{shot} is several instances", f"name one of them: {names}")
    instance = found[0]
    medium = shown_by(now, instance)
    key = now.keys.get(instance.address, "")
    return _subject(medium, Subject(instance.base, instance.take.number, key=key))


def _film(now: ProjectState) -> Subject:
    try:
        address, film = film_of(now)
    except InputError:
        return Subject()
    return _subject(film, Subject(key=now.keys.get(address, "")))


def _subject(medium: Artifact | None, about: Subject) -> Subject:
    if medium is None:
        return Subject(about.shot, about.take)
    fps, seconds = medium.facts.fps, medium.facts.seconds
    rate = exact(fps) if fps and medium.kind == "video" else None
    frames = None if rate is None or seconds is None else round(Fraction(seconds) * rate)
    return Subject(about.shot, about.take, medium.digest, about.key, frames, rate)


def shown_by(now: ProjectState, instance: Instance) -> Artifact | None:
    """What people see of an instance: its first video, else its first picture or sound; None while it is not
    made."""
    outputs = now.outputs.get(instance.address, {})
    for kind in (VIDEO, IMAGE, AUDIO):
        for name, declared in instance.spec.outputs.items():
            if declared == kind and isinstance(made := outputs.get(name), Artifact):
                return made
    return next(leaves(outputs, Artifact), None)


def staleness(note: Note, now: ProjectState) -> str:
    """Why a note is not about what the film shows now, in words; "" where it is, or that is not known."""
    if not note.shot:
        film = _film(now)
        return "on an earlier film" if note.digest and film.digest not in ("", note.digest) else ""
    takes = [i for i in now.graph.instances.values() if i.base == note.shot]
    if not takes:
        return "on a shot that the film does not have"
    counting = next((i for i in takes if i.take.picked), takes[0])
    made = {a.digest: i for i in takes for a in leaves(now.outputs.get(i.address, {}), Artifact)}
    if not note.digest or not made:
        return ""
    about = made.get(note.digest)
    if about is None:
        return f"on an earlier result of take {note.take}"
    if about.take.number != counting.take.number:
        return f"on take {about.take.number}; take {counting.take.number} counts"
    return ""
