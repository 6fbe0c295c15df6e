"""Previews of videos."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import reader as clips
from callsheet.nodes.media.codec.frames import Planes, even
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.nodes.preview import tone
from callsheet.nodes.preview.brief import Brief, known
from callsheet.nodes.preview.drawing.camera import Move, move
from callsheet.nodes.preview.drawing.card import backdrop_of
from callsheet.nodes.preview.drawing.shot_sizes import Footage, Still, Window, morphing, moving, roaming
from callsheet.nodes.preview.drawing.slate import Timecode, band, with_band
from callsheet.nodes.preview.given import Given, picture
from callsheet.nodes.preview.take import LONGEST_SECONDS, USUAL_SECONDS, Take, within
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made

if TYPE_CHECKING:
    from av import AudioFrame

USUAL: Final = Facts(seconds=USUAL_SECONDS, width=1280, height=720, fps=24.0)
SAME_SECONDS: Final = 0.1


def video(take: Take) -> Made:
    """A clip of the model's own length, size and rate, with a slate that counts the frames."""
    facts = known(take.facts, _facts_of_footage(take.given), USUAL)
    rate = rate_of(facts.fps or 24.0)
    seconds = min(facts.seconds or USUAL_SECONDS, LONGEST_SECONDS)
    count = max(1, round(seconds * rate))
    window = Window((even(within(facts.width)), even(within(facts.height))))
    pictures = _pictures(take, window, rate, count)
    heard = _sound(take, facts, count / rate)
    path = take.path("mp4")
    with VideoWriter(path, window.size, rate, heard) as writer:
        for frame in film.watched(take.job, slated(take.brief, window, rate, pictures), count):
            writer.write(frame)
    return Made("video", path)


def slated(brief: Brief, window: Window, rate: Fraction, pictures: Iterable[Planes]) -> Iterator[Planes]:
    """Whole frames: each picture above the slate, with its timecode."""
    data = f"  ·  {window.size[0]}x{window.size[1]}  ·  {float(rate):.5g} fps  ·  seed {brief.seed}"
    frame = with_band(window.size, band(brief, window.size, "", data, brief.prompt))
    clock = Timecode(window.size, rate)
    for number, shown in enumerate(pictures):
        for below, plane in zip(frame, shown, strict=True):
            below.paste(plane, (0, 0))
        clock.burn(frame[0], number)
        yield frame


def rate_of(fps: float) -> Fraction:
    """Frames per second as a fraction: 23.976 is 24000/1001, 24.0 is 24."""
    drop = Fraction(round(fps * 1.001) * 1000, 1001)
    if abs(fps - float(drop)) < 0.005 and abs(fps - round(fps)) > 0.01:
        return drop
    return Fraction(fps).limit_denominator(100)


def _pictures(take: Take, window: Window, rate: Fraction, count: int) -> Iterator[Planes]:
    """What the clip shows: footage, its continuation, a morph, a move over a picture, or over scenery."""
    given = take.given
    camera = move(take.brief.prompt, take.dice)
    if given.footage:
        return _from_footage(take, window, rate, count, camera)
    if given.last:
        first = given.first and picture(given.first)
        return morphing(
            Still(window.of_image(first or backdrop_of(take.brief, window.size))),
            Still(window.of_image(picture(given.last))),
            camera,
            count,
        )
    if given.first:
        return moving(Still(window.of_image(picture(given.first))), camera, count)
    scene = backdrop_of(take.brief, window.size, [picture(a) for a in given.pictures])
    return roaming(Still(window.of_image(scene)), camera, count)


def _from_footage(take: Take, window: Window, rate: Fraction, count: int, camera: Move) -> Iterator[Planes]:
    source = Footage(clips.look(take.given.footage[0].path), window)
    if not extends(take.job):
        return source.pictures(rate, count)
    before = _frames_before(take, source.clip, rate, count)
    continued = moving(Still(source.last()), camera, count - before)
    return chain(source.pictures(rate, before), continued)


def extends(job: Job) -> bool:
    """Whether the model goes on where a given video ends."""
    return "extend" in job.spec.uses or "extend" in job.spec.task or "continu" in job.spec.uses


def _frames_before(take: Take, source: clips.Clip, rate: Fraction, count: int) -> int:
    """How many of `count` frames are the given video: all of it when the result is longer by at least what
    a new part takes, none when the model gives the new part alone.
    """
    whole = source.frames(rate)
    return whole if whole < count and _adds(take, count / rate) else 0


def _adds(take: Take, seconds: Fraction) -> bool:
    """Whether the result holds the given video too: then it is longer than the new part asked for."""
    asked = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*s?\s*", str(take.job.params.get("duration")))
    return asked is None or abs(float(seconds) - float(asked[1])) > SAME_SECONDS


def _facts_of_footage(given: Given) -> Facts:
    return given.footage[0].facts if given.footage else Facts()


def _sound(take: Take, facts: Facts, seconds: Fraction) -> Iterator[AudioFrame] | None:
    """What is heard: the given sound, the given video's own, or a pad; None for a silent clip."""
    if not facts.audio and (facts.audio is False or not take.given.sounds):
        return None
    if take.given.sounds:
        return sound.numbered(sound.exactly(sound.of_file(take.given.sounds[0].path), seconds))
    if take.given.footage:
        source = clips.look(take.given.footage[0].path)
        if source.sound:
            return sound.numbered(_continued(take, source, seconds))
    return tone.pad(take.dice, seconds)


def _continued(take: Take, source: clips.Clip, seconds: Fraction) -> Iterator[AudioFrame]:
    """The given video's sound, and a pad under what comes after it."""
    own = min(source.seconds, seconds)
    yield from sound.exactly(sound.of_file(source.path, source.start), own)
    if seconds > own:
        yield from tone.pad(take.dice, seconds - own)
