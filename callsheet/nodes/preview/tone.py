"""Makes the sounds of previews: a quiet chord for clips, syllables for speech, chords for music.

Everything is 48 kHz, stereo, planar float, in chunks of any length.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator
from fractions import Fraction
from functools import lru_cache
from math import cos, pi, sin
from typing import TYPE_CHECKING, Final, TypeAlias

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.writer import SOUND_FILES, write_sound
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.take import LONGEST_SECONDS, USUAL_SECONDS, Take, asked_format
from callsheet.nodes.preview.voice import spoken
from callsheet.spec.media import SAMPLE_RATE
from callsheet.spec.node import Made

if TYPE_CHECKING:
    from av import AudioFrame


Chunk: TypeAlias = "tuple[array[float], array[float]]"

RATE: Final = SAMPLE_RATE
FRAME: Final = 4096
FADE: Final = RATE // 3
ROOTS: Final = (98, 110, 124, 131, 147, 165)
QUIET: Final = 0.055
PROGRESSION: Final = ((4, 5, 6), (3, 4, 5), (4, 5, 6.666), (4, 5.333, 6.666))
"""Four chords as multiples of the root."""


def pad(dice: Dice, seconds: Fraction) -> Iterator[AudioFrame]:
    """A soft chord that breathes, faded in and out."""
    root = dice.pick(ROOTS)
    third = dice.pick((5, 6))
    chord = (root * 2, root * 3, root * third // 2 * 2)
    return frames(faded(repeated(_second(chord), round(seconds * RATE)), round(seconds * RATE)))


def speech(dice: Dice, text: str, seconds: Fraction) -> Iterator[AudioFrame]:
    """A voice without words: a pulse for each syllable, a rest after each word."""
    return frames(_exactly(_syllables(dice, text, float(seconds)), round(seconds * RATE)))


def music(dice: Dice, seconds: Fraction) -> Iterator[AudioFrame]:
    """A slow progression of four chords."""
    return frames(faded(_exactly(_bars(dice), round(seconds * RATE)), round(seconds * RATE)))


def frames(chunks: Iterable[Chunk]) -> Iterator[AudioFrame]:
    """The chunks as frames with their times."""
    from av import AudioFrame

    at = 0
    for left, right in chunks:
        frame = AudioFrame(format="fltp", layout="stereo", samples=len(left))
        frame.sample_rate, frame.pts, frame.time_base = RATE, at, Fraction(1, RATE)
        for plane, channel in zip(frame.planes, (left, right), strict=True):
            plane.update(channel.tobytes().ljust(plane.buffer_size, b"\0"))
        at += len(left)
        yield frame


def repeated(chunk: Chunk, samples: int) -> Iterator[Chunk]:
    """The chunk again and again, for `samples`, in pieces of FRAME."""
    left, right = chunk
    period = len(left)
    left, right = left + left[:FRAME], right + right[:FRAME]
    for at in range(0, samples, FRAME):
        start, count = at % period, min(FRAME, samples - at)
        yield left[start : start + count], right[start : start + count]


def faded(chunks: Iterable[Chunk], samples: int) -> Iterator[Chunk]:
    """Softly in and out over a third of a second, or half of what is short."""
    ramp = max(1, min(FADE, samples // 2))
    at = 0
    for chunk in chunks:
        count = len(chunk[0])
        if at < ramp or at + count > samples - ramp:
            levels = [min(1.0, (at + i + 1) / ramp, (samples - at - i) / ramp) for i in range(count)]
            chunk = _shaped(chunk[0], levels), _shaped(chunk[1], levels)
        at += count
        yield chunk


def _exactly(chunks: Iterable[Chunk], samples: int) -> Iterator[Chunk]:
    left = samples
    for chunk in chunks:
        count = min(left, len(chunk[0]))
        if count:
            yield chunk[0][:count], chunk[1][:count]
        left -= count
        if not left:
            return
    silent = array("f", bytes(4 * left))
    yield silent, silent


def _shaped(channel: array[float], levels: list[float]) -> array[float]:
    return array("f", [s * level for s, level in zip(channel, levels, strict=True)])


@lru_cache(maxsize=64)
def _second(chord: tuple[int, ...]) -> Chunk:
    """One second that can be repeated without a seam: whole frequencies, in hertz. The right channel is
    one hertz higher, so that the sound moves.
    """
    return _waves(tuple((f, QUIET) for f in chord), RATE), _waves(tuple((f + 1, QUIET) for f in chord), RATE)


def _waves(partials: tuple[tuple[float, float], ...], samples: int) -> array[float]:
    """The sum of sines of (hertz, level)."""
    total = [0.0] * samples
    for hertz, level in partials:
        step = 2 * pi * hertz / RATE
        total = [t + level * sin(step * i) for i, t in enumerate(total)]
    return array("f", total)


@lru_cache(maxsize=128)
def _note(partials: tuple[tuple[float, float], ...], samples: int, attack: float) -> array[float]:
    """A tone that swells for the share `attack` of its length and then dies away."""
    rise = max(1, round(samples * attack))
    swell = [
        (1 - cos(pi * i / rise)) / 2 if i < rise else (1 + cos(pi * (i - rise) / (samples - rise))) / 2
        for i in range(samples)
    ]
    return _shaped(_waves(partials, samples), swell)


def _syllables(dice: Dice, text: str, seconds: float) -> Iterator[Chunk]:
    words = [max(1, round(len(word) / 3)) for word in text.split()] or [2, 1, 3]
    beats = sum(words) + 0.6 * len(words)
    beat = min(0.4, max(0.09, seconds / beats))
    pitch = dice.pick((118, 132, 176, 198))
    while True:
        for syllables in words:
            for _ in range(syllables):
                hertz = pitch * dice.pick((0.94, 1.0, 1.0, 1.06, 1.12))
                yield _voiced(round(hertz), round(beat * RATE))
            rest = array("f", bytes(4 * round(0.6 * beat * RATE)))
            yield rest, rest


def _voiced(hertz: int, samples: int) -> Chunk:
    note = _note(tuple((hertz * n, 0.16 / n**1.3) for n in (1, 2, 3, 4, 6)), samples, 0.3)
    return note, note


def _bars(dice: Dice) -> Iterator[Chunk]:
    root, length = dice.pick(ROOTS) / 2, dice.pick((2 * RATE, 5 * RATE // 2))
    while True:
        for chord in PROGRESSION:
            low = min(chord) / 2
            tones = tuple((root * n, 0.07) for n in chord)
            yield (
                _note(((root * low, 0.08), *tones), length, 0.25),
                _note(((root * low, 0.08), *((h * 1.002, level) for h, level in tones)), length, 0.25),
            )


def audio(take: Take) -> Made:
    """A sound of plausible length: speech-like, or chords for a model of music."""
    ending = asked_format(take.job.params, SOUND_FILES) or "mp3"
    seconds = Fraction(min(take.facts.seconds or USUAL_SECONDS, LONGEST_SECONDS)).limit_denominator(1000)
    count = round(seconds * RATE / FRAME)
    frames = film.watched(take.job, _sounding(take, seconds), count)
    return Made("audio", write_sound(take.path(ending), frames))


def _sounding(take: Take, seconds: Fraction) -> Iterator[AudioFrame]:
    if take.given.sounds and is_speech(take.job.spec.uses, take.job.spec.task) and not take.brief.prompt:
        return sound.numbered(sound.exactly(sound.of_file(take.given.sounds[0].path), seconds))
    if is_speech(take.job.spec.uses, take.job.spec.task):
        if take.voice and take.brief.prompt:
            path = take.job.workdir / f"{take.stem}-spoken.wav"
            heard = spoken(take.brief.prompt, float(seconds), take.job.params, path)
            return sound.numbered(sound.exactly(sound.of_file(heard), seconds))
        return speech(take.dice, take.brief.prompt, seconds)
    return music(take.dice, seconds)


def is_speech(uses: str, task: str) -> bool:
    """Whether a model of sound speaks, to go by its name and task."""
    words = f"{uses} {task}".lower()
    return any(word in words for word in ("speech", "tts", "voice", "dialogue", "speak", "talk"))
