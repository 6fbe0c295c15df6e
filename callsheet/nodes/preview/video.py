"""Previews of videos."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import reader as clips
from callsheet.nodes.media.codec.ahead import ahead
from callsheet.nodes.media.codec.frames import Planes, Size, even, to_frames
from callsheet.nodes.media.codec.longer_sound import LongerSound
from callsheet.nodes.media.codec.remux import Piece, fit_together, joined
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.nodes.preview import tone
from callsheet.nodes.preview.brief import digest_of, known
from callsheet.nodes.preview.drawing.camera import Move, move
from callsheet.nodes.preview.drawing.card import backdrop_of
from callsheet.nodes.preview.drawing.motion import Footage, covering, morphing, moving, roaming
from callsheet.nodes.preview.given import Given, picture
from callsheet.nodes.preview.reels import REELS
from callsheet.nodes.preview.scene import scene_of
from callsheet.nodes.preview.take import LONGEST_SECONDS, USUAL_SECONDS, Take
from callsheet.spec.media import Facts
from callsheet.spec.node import Made, NodeSpec

if TYPE_CHECKING:
    from av import AudioFrame

USUAL: Final = Facts(seconds=USUAL_SECONDS, width=1280, height=720, fps=24.0)
SAME_SECONDS: Final = 0.1


def video(take: Take) -> Made:
    """A clip of the model's own length, size and rate, without a word in the picture."""
    facts = known(take.facts, _facts_of_footage(take.given), USUAL)
    rate = rate_of(facts.fps or 24.0)
    seconds = min(facts.seconds or USUAL_SECONDS, LONGEST_SECONDS)
    width, height = take.pixels(facts)
    reel = Reel(take, (even(width), even(height)), rate, max(1, round(seconds * rate)))
    heard = _sound(take, facts, reel.count / rate)
    made = _longer(reel, heard) or _drawn_once(reel, heard) or _drawn(reel, heard)
    return Made("video", made.replace(take.path("mp4")))


def _drawn(reel: Reel, heard: Iterator[AudioFrame] | None) -> Path:
    """The clip, encoded with its sound and title."""
    path = reel.take.job.workdir / f"{reel.take.stem}-new.mp4"
    file = VideoWriter(path, reel.size, reel.rate, heard, "draft", reel.take.title)
    _write(reel, _pictures(reel), reel.count, file)
    return path


def _drawn_once(reel: Reel, heard: Iterator[AudioFrame] | None) -> Path | None:
    """The clip with its own sound and title, where another take may show the same; None for footage, and
    where what was encoded cannot be copied."""
    take, what = reel.take, _shown(reel)
    if what is None:
        return None
    path = take.job.workdir / f"{take.stem}-silent.mp4"

    def make(path: Path) -> None:
        _write(reel, _pictures(reel), reel.count, VideoWriter(path, reel.size, reel.rate, None, "draft"))

    REELS.write(what, path, make)
    try:
        pieces = [Piece(clips.look(path), reel.count)]
        if not fit_together(pieces, reel.rate):
            return None
        return joined(take.job, pieces, reel.rate, heard, 1.0, take.title)
    finally:
        path.unlink(missing_ok=True)


def _shown(reel: Reel) -> Hashable | None:
    """All that the pictures of a clip follow from; None for footage."""
    take, given = reel.take, reel.take.given
    if given.footage:
        return None
    words = "" if given.first else (take.brief.prompt, take.brief.variant)
    pictures = tuple(digest_of(one) for one in given.stills)
    roles = given.first is None, given.last is None
    return move(take.brief.prompt, take.dice), reel.size, reel.rate, reel.count, words, roles, pictures


def _write(reel: Reel, pictures: Iterator[Planes], count: int, file: VideoWriter) -> None:
    """Encode pictures while the next ones are drawn."""
    with file as writer:
        for frame in film.watched(reel.take.job, ahead(to_frames(pictures)), count):
            writer.write_frame(frame)


@dataclass(frozen=True, slots=True)
class Reel:
    """A clip to film: its size in even pixels, its rate, and how many pictures it has."""

    take: Take
    size: Size
    rate: Fraction
    count: int


def rate_of(fps: float) -> Fraction:
    """Frames per second as a fraction: 23.976 is 24000/1001, 24.0 is 24."""
    drop = Fraction(round(fps * 1.001) * 1000, 1001)
    if abs(fps - float(drop)) < 0.005 and abs(fps - round(fps)) > 0.01:
        return drop
    return Fraction(fps).limit_denominator(100)


def _pictures(reel: Reel) -> Iterator[Planes]:
    """What the clip shows: footage, its continuation, a morph, a move over a picture, or over scenery."""
    take, size, count = reel.take, reel.size, reel.count
    given, camera = take.given, move(take.brief.prompt, take.dice)
    if given.footage:
        return _from_footage(reel, camera)
    if given.last:
        first = given.first and picture(given.first)
        return morphing(
            covering(first or backdrop_of(take.brief, size), size),
            covering(picture(given.last), size),
            camera,
            count,
        )
    if given.first:
        return moving(covering(picture(given.first), size), camera, count)
    scene = backdrop_of(take.brief, size, [picture(a) for a in given.pictures])
    return roaming(covering(scene, size), camera, count)


def _from_footage(reel: Reel, camera: Move) -> Iterator[Planes]:
    source = Footage(clips.look(reel.take.given.footage[0].path), reel.size)
    if not extends(reel.take.job.spec):
        return source.pictures(reel.rate, reel.count)
    before = _frames_before(reel, source.clip)
    return chain(source.pictures(reel.rate, before), _continued(reel, source, camera, reel.count - before))


def _continued(reel: Reel, source: Footage, camera: Move, count: int) -> Iterator[Planes]:
    """How a take goes on: from its last picture into what happens next, where the prompt names a scene."""
    brief = reel.take.brief
    last = source.last()
    if not scene_of(brief.prompt).is_named:
        return moving(last, camera, count)
    return morphing(last, covering(backdrop_of(brief, reel.size), reel.size), camera, count)


def _longer(reel: Reel, heard: Iterator[AudioFrame] | None) -> Path | None:
    """The given video with a new part behind it, of which only that is drawn; None where its pictures cannot
    be taken as they are stored."""
    take = reel.take
    if not take.given.footage or not extends(take.job.spec):
        return None
    source = Footage(clips.look(take.given.footage[0].path), reel.size)
    before = _frames_before(reel, source.clip)
    whole = Piece(source.clip, before)
    if not before or source.clip.size != reel.size or not fit_together([whole], reel.rate):
        return None
    path = take.job.workdir / f"{take.stem}-new.mp4"
    new = _continued(reel, source, move(take.brief.prompt, take.dice), reel.count - before)
    _write(reel, new, reel.count - before, VideoWriter(path, reel.size, reel.rate, None, "draft", take.title))
    pieces = [whole, Piece(clips.look(path), reel.count - before)]
    if not fit_together(pieces, reel.rate):
        return None
    longer = _longer_sound(reel, source.clip) if heard is not None else None
    return joined(take.job, pieces, reel.rate, heard if longer is None else longer, 1.0, take.title)


def _longer_sound(reel: Reel, before: clips.Clip) -> LongerSound | None:
    """The given video's sound as it is stored, and a pad behind it; None where it has to be encoded."""
    take, whole = reel.take, reel.count / reel.rate
    if take.given.sounds or not before.sound:
        return None
    longer = LongerSound(before, before.seconds, tone.pad(take.dice, whole - before.seconds))
    return longer if longer.copies else None


def extends(spec: NodeSpec) -> bool:
    """Whether the model goes on where a given video ends."""
    return "extend" in spec.uses or "extend" in spec.task or "continu" in spec.uses


def _frames_before(reel: Reel, source: clips.Clip) -> int:
    """How many of the frames are the given video: all of it when the result is longer by at least what
    a new part takes, none when the model gives the new part alone.
    """
    whole = source.frames(reel.rate)
    return whole if whole < reel.count and _adds(reel.take, reel.count / reel.rate) else 0


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
            return sound.numbered(_goes_on(take, source, seconds))
    return tone.pad(take.dice, seconds)


def _goes_on(take: Take, source: clips.Clip, seconds: Fraction) -> Iterator[AudioFrame]:
    """The given video's sound, and a pad under what comes after it."""
    own = min(source.seconds, seconds)
    yield from sound.exactly(sound.of_file(source.path, source.start), own)
    if seconds > own:
        yield from tone.pad(take.dice, seconds - own)
