"""The time code at which each medium begins, and the media with it inside."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from hashlib import sha256
from math import ceil
from typing import Final

from callsheet.nodes.media import tags
from callsheet.nodes.media.tags.mp4_timecode import StartCode, start_code, with_start_code
from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.stems import FilmStems
from callsheet.runtime.store import atomic as disk
from callsheet.spec.timecode import frame_of, is_dropping

FIRST: Final = 2 * 60
"""The minute of the day from which on clips begin; films begin at the first hour."""
MINUTES: Final = 21 * 60
SECOND: Final = 10
"""Of the minute: time code that drops numbers has no frame 0 at most whole minutes."""


@dataclass(frozen=True, slots=True)
class Coded:
    """An edit whose media begin at a time code. pieces: digest → the medium as it is handed over, in pieces
    of its file. stems: mixes the parts of the sound. notes: which media cannot carry a time code."""

    cut: EditCut
    pieces: Mapping[str, tags.Pieces]
    notes: tuple[str, ...]
    stems: FilmStems | None = None

    def content(self, medium: Medium) -> Iterator[bytes]:
        """The bytes of a medium, as they are handed over. Raises NodeError, OSError."""
        if not medium.has_picture and self.stems:
            self.stems.written(float(self.cut.start / self.cut.rate))
            yield from disk.chunks(medium.source)
        else:
            yield from tags.content(self.pieces[medium.digest], medium.source)


def with_start_codes(cut: EditCut, stems: FilmStems | None = None) -> Coded:
    """Give each medium of an edit a time code at which it begins: the film that of the edit, and each clip a
    minute of its own, which its name decides, so that it stays when clips come and go. Raises OSError."""
    film = replace(cut.film, begins=cut.start)
    given = {film.digest: film, **dict(_given(cut))}
    sounds = {stem.medium.digest: stem.medium for stem in cut.stems}
    media, pieces, notes = {}, {}, []
    for digest, medium in given.items():
        found = _carried(medium)
        media[digest], pieces[digest] = found[:2]
        notes += found[2]
    return Coded(cut.with_media(media | sounds), pieces, tuple(notes), stems)


def _given(cut: EditCut) -> Iterator[tuple[str, Medium]]:
    """Digest and medium of each clip, with its time code. Names that fall together take the next minute."""
    taken: set[int] = set()
    for medium in sorted(cut.media.values(), key=lambda medium: medium.name):
        if medium.digest != cut.film.digest and medium.has_picture:
            yield medium.digest, _slotted(medium, taken)


def _slotted(medium: Medium, taken: set[int]) -> Medium:
    if medium.rate is None:
        return medium
    wish = minute_of(medium.name)
    minutes = ceil(Fraction(medium.frames) / medium.rate / 60) or 1
    near = (wish + step for step in range(MINUTES if len(taken) < MINUTES else 0))
    free = next((m for m in near if taken.isdisjoint(_minutes(m, minutes))), wish)
    taken |= _minutes(free, minutes)
    return replace(medium, begins=frame_in(free, medium.rate))


def minute_of(name: str) -> int:
    """The minute that the name of a medium asks for. Where that is taken, it gets one of those after it."""
    return int.from_bytes(sha256(name.encode("utf-8", "replace")).digest()[:4], "big")


def frame_in(minute: int, rate: Fraction) -> int:
    """The number of the frame at which a medium begins that has this minute."""
    hour, minute = divmod(FIRST + minute % MINUTES, 60)
    mark = ";" if is_dropping(rate) else ":"
    return frame_of(f"{hour:02d}:{minute:02d}:{SECOND}{mark}00", rate)


def _minutes(first: int, count: int) -> set[int]:
    return {minute % MINUTES for minute in range(first, first + count)}


def _carried(medium: Medium) -> tuple[Medium, tags.Pieces, list[str]]:
    """A medium with the time code that it has, what is handed over of it, and what to tell."""
    path, rate = medium.source, medium.rate
    if rate is None:
        return medium, tags.whole(path), []
    code = StartCode(medium.begins, rate, is_dropping(rate), medium.reel)
    pieces = with_start_code(path, code, medium.frames)
    if pieces is not None:
        return medium, pieces, []
    own = start_code(path)
    if own is None:
        told = f"{medium.name} cannot carry a start time code, so it begins at zero"
        return replace(medium, begins=0), tags.whole(path), [told]
    same = own.rate == rate and own.drops == is_dropping(rate)
    told = f"{medium.name} has a time code of its own, which counts in another way than its pictures"
    return replace(medium, begins=own.frame), tags.whole(path), [] if same else [told]
