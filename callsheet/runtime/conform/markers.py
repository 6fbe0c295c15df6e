"""Markers that come back from an editing program → notes on the film."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from typing import Final

from callsheet.dsl.cuts.edit import Edit, Json, Placed, part
from callsheet.errors import InputError
from callsheet.runtime.conform.match import Shows
from callsheet.runtime.export.note_markers import marker_name, note_text
from callsheet.runtime.lock.author import now as time
from callsheet.runtime.notes.note import MOST_CHARACTERS, Note, rounded
from callsheet.runtime.notes.place import shot_at
from callsheet.runtime.notes.review import NoteNow
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.frame_rate import exact
from callsheet.spec.harmless import harmless

MOST: Final = 5_000
"""Markers of a timeline that become notes."""
NOTE: Final = re.compile(r"\bnote ([0-9a-f]{10})\b", re.IGNORECASE)
USUAL: Final = re.compile(r"(marker|note|comment)?\s*\d*", re.IGNORECASE)
"""Names that programs give to markers."""
FILE: Final = re.compile(r"file-[0-9a-f]{8}\b")
"""How a shot is called that is a file of the user's."""
STATE: Final = re.compile(r"\(done\)|\(on .*\)|")
"""Lines that we add to the text of a note: how it stands."""
WORDS: Final = ("Note", "note", "Comment", "comment")
PROGRAMS: Final = ("Resolve_OTIO",)
"""Where programs put what stands in a marker, in its metadata."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A marker that is not ours. answers: the id of the note whose marker has another text now."""

    note: Note
    answers: str = ""


@dataclass(frozen=True, slots=True)
class _Spot:
    """What a marker is about. about: shot, take, digest and key, as far as they are known. frame, frames: in
    the time of that, which has `rate` pictures a second."""

    about: Mapping[str, object]
    frame: int
    frames: int
    rate: Fraction


def remarks(
    timeline: Json,
    edit: Edit,
    found: Sequence[tuple[Placed, Shows]],
    known: Sequence[NoteNow],
    now: ProjectState,
) -> Iterator[Remark]:
    """What markers say that is not in the notes: of clips, in their own time; of the timeline, at the clip
    that is seen there. Markers that callsheet wrote, and those without a place or a text, are passed over.

    found: each clip with what it shows. known: the notes that the film has.
    """
    reader = _Reader(edit, found, known, now)
    for clip, shows in found:
        for marker in _markers(clip.item):
            yield from reader.of_clip(marker, clip, shows)
    stack = part(timeline, "tracks")
    tracks = stack.get("children")
    for item in (stack, *(t for t in (tracks if isinstance(tracks, list) else []) if isinstance(t, dict))):
        for marker in _markers(item):
            yield from reader.of_film(marker)


class _Reader:
    def __init__(
        self,
        edit: Edit,
        found: Sequence[tuple[Placed, Shows]],
        known: Sequence[NoteNow],
        now: ProjectState,
    ) -> None:
        self.edit, self.now = edit, now
        self.seen = [(clip, shows) for clip, shows in found if clip.kind == "video" and shows.mark]
        self.known: Mapping[str, NoteNow] = {one.note.id: one for one in known}
        self.shots = {instance.base.casefold() for instance in now.graph.instances.values()}

    def of_clip(self, marker: Json, clip: Placed, shows: Shows) -> Iterator[Remark]:
        """A marker in the time of a medium."""
        where, whole = _range(part(marker, "marked_range")), _range(part(clip.medium, "available_range"))
        if where is not None:
            start, length, rate = where
            begins, _, own = whole or (Fraction(0), Fraction(0), rate)
            first, frames = round(max(Fraction(0), start - begins) * own), max(1, round(length * own))
            yield from self._remark(marker, _Spot(_about(clip, shows), first, frames, own))

    def of_film(self, marker: Json) -> Iterator[Remark]:
        """A marker in the time of the film."""
        where = _range(part(marker, "marked_range"))
        if where is not None:
            at, frames = round(where[0] * self.edit.rate), max(1, round(where[1] * self.edit.rate))
            yield from self._remark(marker, self._seen(at, frames))

    def _seen(self, at: int, frames: int) -> _Spot:
        """What is seen at a frame of the edit."""
        under = [(c, s) for c, s in self.seen if c.at <= at < c.at + c.frames]
        if not under:
            return self._in_film(at, frames)
        clip, shows = under[-1]
        whole = _range(part(clip.medium, "available_range"))
        rate, own = self.edit.rate, whole[2] if whole else self.edit.rate
        inside = (clip.start + (at - clip.at) * clip.speed / rate) * own
        length = max(1, round(frames * clip.speed / rate * own))
        return _Spot(_about(clip, shows), int(inside + Fraction(1, 100)), length, own)

    def _in_film(self, at: int, frames: int) -> _Spot:
        """Where there is no clip, as in a list of markers alone: the shot of the film as it is."""
        try:
            seen = shot_at(self.now, at)
        except InputError:
            seen = None
        if seen is None:
            return _Spot({}, at, frames, self.edit.rate)
        shot, first = seen
        about = {"shot": shot.address, "take": shot.take, "digest": shot.shot.source}
        return _Spot(about, first, frames, self.edit.rate)

    def _remark(self, marker: Json, spot: _Spot) -> Iterator[Remark]:
        name, comment = _said(marker)
        if (ours := NOTE.search(f"{name}\n{comment}")) is not None and ours[1].lower() in self.known:
            yield from self._answer(self.known[ours[1].lower()], name, comment)
            return
        text = "\n".join(filter(None, ("" if USUAL.fullmatch(name) else name, comment)))[:MOST_CHARACTERS]
        if text and not self._is_ours(marker, name):
            yield Remark(_note(text, spot, str(marker.get("color") or "")[:40]))

    def _is_ours(self, marker: Json, name: str) -> bool:
        """Whether it is the marker of a shot or a gate, by what we wrote into it or by its name, which some
        programs write in capitals."""
        kind = part(part(marker, "metadata"), "callsheet").get("kind")
        beginning = name[: name.rfind("]") + 1] or name.partition(" ")[0]
        return kind in ("shot", "gate") or beginning.casefold() in self.shots or bool(FILE.match(name))

    def _answer(self, known: NoteNow, name: str, comment: str) -> Iterator[Remark]:
        """What a person wrote into the marker of a note. Other programs cut texts off, so that a text which
        is a part of ours says nothing new."""
        ours, plain = note_text(known), " ".join(comment.split())
        if name != marker_name(known.note) or plain in " ".join(ours.split()):
            return
        replies = "\n".join(reply.text for reply in known.note.replies)
        there = {*ours.splitlines(), *replies.splitlines()}
        lines = (line.strip() for line in comment.splitlines())
        new = "\n".join(line for line in lines if line not in there and not STATE.fullmatch(line))
        if new:
            yield Remark(Note("", new[:MOST_CHARACTERS]), answers=known.note.id)


def _note(text: str, spot: _Spot, color: str) -> Note:
    """A note with an id that follows from what it says and where, so that it comes once."""
    shot, take, digest, key = (spot.about.get(name) for name in ("shot", "take", "digest", "key"))
    told = repr((shot, digest, spot.frame, spot.frames, text))
    return Note(
        sha256(told.encode("utf-8", "replace")).hexdigest()[:10],
        text,
        str(shot or ""),
        take if isinstance(take, int) else 1,
        str(digest or ""),
        str(key or ""),
        spot.frame,
        spot.frames,
        exact(rounded(spot.rate)),
        at=time(),
        line={"color": color} if color else {},
    )


def _about(clip: Placed, shows: Shows) -> Mapping[str, object]:
    """The shot and the result that the person looked at."""
    told, mark = clip.about, shows.mark or {}
    if "address" not in mark:
        return {}
    digest = told.get("digest") or (shows.artifact.digest if shows.artifact else "")
    return {"shot": mark["address"], "take": told.get("take"), "digest": digest, "key": told.get("key")}


def _said(marker: Json) -> tuple[str, str]:
    """Its name and its text, wherever a program puts that."""
    metadata = part(marker, "metadata")
    places = [marker, *(part(metadata, program) for program in PROGRAMS)]
    found = (place.get(word) for place in places for word in ("comment", *WORDS))
    comment = next((text for text in found if isinstance(text, str) and text.strip()), "")
    name = marker.get("name")
    return harmless(name.strip()) if isinstance(name, str) else "", harmless(comment.strip())


def _markers(item: Json) -> list[Json]:
    found = item.get("markers")
    return [marker for marker in found if isinstance(marker, dict)] if isinstance(found, list) else []


def _range(span: Json) -> tuple[Fraction, Fraction, Fraction] | None:
    """Start and length in seconds, and the rate; None where that is not said."""
    start, length = part(span, "start_time"), part(span, "duration")
    numbers = [_number(of.get(name)) for of in (start, length) for name in ("value", "rate")]
    if any(number is None for number in numbers):
        return None
    value, rate, frames, other = (float(number or 0) for number in numbers)
    if not 1 <= rate <= 1000 or not 1 <= other <= 1000:
        return None
    own, theirs = exact(rate), exact(other)
    first, long = (Fraction(count).limit_denominator(10_000) for count in (value, frames))
    return first / own, max(Fraction(0), long / theirs), own


def _number(value: object) -> float | None:
    good = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e9
    return float(value) if good and isinstance(value, int | float) else None
