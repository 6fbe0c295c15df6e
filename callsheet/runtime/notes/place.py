"""Where a note is, as a person says it: a frame, seconds or a time code, of a shot or of the film."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.notes.note import MOST_FRAMES
from callsheet.runtime.notes.subject import subject_of
from callsheet.runtime.project_state import ProjectState
from callsheet.runtime.shots import FilmShot, shots_of
from callsheet.spec.timecode import frame_of

FRAME: Final = re.compile(r"\d{1,8}")
SECONDS: Final = re.compile(r"(\d{1,6}(?:\.\d{1,6})?)s")
STEP: Final = "write a frame (12), seconds (1.5s) or a time code (00:00:01:12)"


@dataclass(frozen=True, slots=True)
class Place:
    """As a person says it. shot: an address, "" for a place of the film. at, to: the first and the last place
    that are meant, "" for all of it. film: the film itself is meant, not the shot that is seen there."""

    shot: str = ""
    at: str = ""
    to: str = ""
    film: bool = False


def placed(now: ProjectState, place: Place) -> tuple[str, int | None, int]:
    """The address ("" for the film), the first frame of its result (None for all of it), and how many frames.

    Raises InputError for a place that cannot be read or is not there, and where the film is not made.
    """
    if place.film and place.shot:
        raise InputError("--film is about the film itself, and --on about a shot", "give one of them")
    if not place.at:
        if place.to:
            raise InputError("--to says where something ends", "say where it begins: --at 12")
        return place.shot, None, 1
    about = subject_of(now, place.shot)
    if about.rate is None and not FRAME.fullmatch(place.at.strip()):
        raise InputError(
            f"{place.shot or 'the film'} has no known rate, so {place.at} is no place in it", STEP
        )
    first = _frame(place.at, about.rate)
    last = _frame(place.to, about.rate) if place.to else first
    if last < first:
        raise InputError(f"{place.to} is before {place.at}", "--to names the last frame that is meant")
    frames = last - first + 1
    if place.shot or place.film:
        return place.shot, first, frames
    return _seen(now, first, frames)


def _frame(text: str, rate: Fraction | None) -> int:
    text = text.strip()
    if FRAME.fullmatch(text):
        return int(text)
    if rate is not None and (found := SECONDS.fullmatch(text)):
        return min(MOST_FRAMES, int(Fraction(found[1]) * rate))
    if rate is not None and ":" in text:
        return frame_of(text, rate)
    raise InputError(f"{text} is no place", STEP)


def _seen(now: ProjectState, frame: int, frames: int) -> tuple[str, int | None, int]:
    """A place of the film as a place of the shot that is seen there; of the film where it is of no shot."""
    about = shot_at(now, frame)
    if about is None:
        return "", frame, frames
    shot, first = about
    left = shot.shot.frame + shot.shot.frames - frame
    return f"{shot.address}#{shot.take}" if shot.take > 1 else shot.address, first, min(frames, left)


def shot_at(now: ProjectState, frame: int) -> tuple[FilmShot, int] | None:
    """The shot that is seen at a frame of the film, and the frame of its own result that is seen there; None
    where that is a file of the user's or nothing. Where clips lie over each other it is the last one.

    Raises InputError where the film is not made.
    """
    address, _ = film_of(now)
    found = [
        s
        for s in shots_of(now.graph, now.outputs, address)
        if s.shot.frame <= frame < s.shot.frame + s.shot.frames
    ]
    if not found or not found[-1].address:
        return None
    shot = found[-1]
    about, film = subject_of(now, shot.address), subject_of(now)
    if about.rate is None or film.rate is None:
        return shot, 0
    start = Fraction(shot.shot.start).limit_denominator(10**6)
    inside = start + (frame - shot.shot.frame) * Fraction(shot.shot.speed).limit_denominator(1000) / film.rate
    first = int(inside * about.rate + Fraction(1, 100))
    return shot, first if about.frames is None else min(first, about.frames - 1)
