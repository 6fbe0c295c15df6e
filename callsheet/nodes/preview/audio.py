"""Previews of sounds."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.writer import SOUND_FILES, write_sound
from callsheet.nodes.preview import tone
from callsheet.nodes.preview.take import LONGEST_SECONDS, USUAL_SECONDS, Take, asked_format
from callsheet.spec.job import Job, Made

if TYPE_CHECKING:
    from av import AudioFrame


def audio(take: Take) -> Made:
    """A sound of plausible length: speech-like, or chords for a model of music."""
    ending = asked_format(take.job.params, SOUND_FILES) or "mp3"
    seconds = Fraction(min(take.facts.seconds or USUAL_SECONDS, LONGEST_SECONDS)).limit_denominator(1000)
    count = round(seconds * tone.RATE / tone.FRAME)
    frames = film.watched(take.job, _sounding(take, seconds), count)
    return Made("audio", write_sound(take.path(ending), frames))


def _sounding(take: Take, seconds: Fraction) -> Iterator[AudioFrame]:
    if take.given.sounds and _is_speech(take.job) and not take.brief.prompt:
        return sound.numbered(sound.exactly(sound.of_file(take.given.sounds[0].path), seconds))
    if _is_speech(take.job):
        return tone.speech(take.dice, take.brief.prompt, seconds)
    return tone.music(take.dice, seconds)


def _is_speech(job: Job) -> bool:
    words = f"{job.spec.uses} {job.spec.task}".lower()
    return any(word in words for word in ("speech", "tts", "voice", "dialogue", "speak", "talk"))
