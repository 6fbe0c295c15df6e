"""Films of one clip whose pictures come in another order or at changing speed: backwards, and ramps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from fractions import Fraction
from typing import Final

from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Planes, Size, even
from callsheet.nodes.media.codec.ramp import Ramp
from callsheet.nodes.media.codec.ramp import heard as ramped_sound
from callsheet.nodes.media.codec.reader import Clip, pictures, pictures_at
from callsheet.nodes.media.codec.scale import feasible, fitted_reel
from callsheet.nodes.media.codec.tape import Tape, backwards
from callsheet.nodes.media.timeline.model import sample_at
from callsheet.spec.media import Shot
from callsheet.spec.node import Job, Made

HELD: Final = 128 * 1024 * 1024
"""Bytes of pictures that are held in memory while they are turned around."""


def reversed_film(job: Job, clip: Clip) -> Made:
    """A clip from its end to its beginning, picture and sound."""
    frames = clip.frames()
    size = _size(job, clip)
    reel = fitted_reel(_from_the_end(clip, frames), size)
    heard = backwards(_tape(job, clip, frames / clip.rate)) if clip.sound else None
    made = film.write(job, reel, frames, size, clip.rate, heard)
    whole = Fraction(frames) / clip.rate
    return replace(made, shots=_shots(clip, frames, lambda place: whole - place))


def ramped_film(job: Job, clip: Clip, speeds: Ramp) -> Made:
    """A clip at changing speed, at its own frame rate."""
    frames = max(1, round(speeds.seconds * clip.rate))
    size = _size(job, clip)
    seen = (speeds.clip_time(float(i / clip.rate)) for i in range(frames))
    places = [Fraction(place).limit_denominator(10**6) for place in seen]
    reel = fitted_reel(pictures_at(clip, places), size)
    heard = ramped_sound(_tape(job, clip, clip.seconds), speeds) if clip.sound else None
    made = film.write(job, reel, frames, size, clip.rate, heard)
    shots = _shots(clip, frames, lambda place: Fraction(speeds.film_time(float(place))))
    return replace(made, shots=shots)


def _size(job: Job, clip: Clip) -> Size:
    return feasible((even(clip.size[0]), even(clip.size[1])), job.address)


def _tape(job: Job, clip: Clip, seconds: Fraction) -> Tape:
    return Tape(film.heard_of(clip, seconds), job.workdir)


def _from_the_end(clip: Clip, frames: int) -> Iterator[Planes]:
    """The pictures of a clip backwards: a part of them is read, and given from its end on."""
    count = max(1, HELD // (clip.size[0] * clip.size[1] * 3 // 2))
    for end in range(frames, 0, -count):
        first = max(0, end - count)
        part: Iterable[Planes] = pictures(clip, clip.rate, first / clip.rate, end - first)
        yield from reversed(list(part))


def _shots(clip: Clip, frames: int, film_time: Callable[[Fraction], Fraction]) -> tuple[Shot, ...]:
    """The shots of a clip in a film. film_time: when a place of the clip is seen, both in seconds."""
    whole = Shot(clip.digest, 0, clip.frames(), 0, 0, 0.0, 1.0)
    inner = clip.shots or ((whole,) if clip.digest else ())
    found = [_shot(clip, shot, frames, film_time) for shot in inner]
    return tuple(sorted((shot for shot in found if shot.frames > 0), key=lambda shot: shot.frame))


def _shot(clip: Clip, shot: Shot, frames: int, film_time: Callable[[Fraction], Fraction]) -> Shot:
    begin, end = (place / clip.rate for place in (shot.frame, shot.frame + shot.frames))
    one, other = (min(frames, max(0, round(film_time(place) * clip.rate))) for place in (begin, end))
    first, last = sorted((one, other))
    sample, until = sample_at(first, clip.rate), sample_at(last, clip.rate)
    length = float(shot.frames / clip.rate) * shot.speed
    factor = float((other - one) / clip.rate) or 1.0
    start = shot.start if one <= other else shot.start + length
    speed = round(length / factor, 6)
    return Shot(shot.source, first, last - first, sample, until - sample, round(start, 6), speed)
