"""media/trim_audio: a part of a sound."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.trim import SPAN, SPAN_DOC, SPAN_RULES, part_seconds, span
from callsheet.nodes.media.probe import probe
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import AUDIO, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"audio": Facts(part_seconds(params, facts_of(params, "audio").seconds), audio=True)}


SPEC: Final = local(
    "media/trim_audio",
    "A part of a sound, exact to the sample.",
    {"audio": Field(AUDIO, required=True), **SPAN},
    {"audio": AUDIO},
    _facts,
    SPAN_RULES,
)
DOC: Final = {"audio": "The sound; as an output, the part of it, a WAV file (48 kHz, stereo).", **SPAN_DOC}
EXAMPLE: Final = {
    "audio": "${{ music.audio }}",
    "end": "20",
}


def run(job: Job) -> Outputs:
    path = asked.file(job, "audio")
    whole, sample = Fraction(probe(path).seconds or 0), Fraction(1, sound.RATE)
    start, seconds = span(job, whole)
    # A file needs a sample, also for a part that is shorter than one.
    begin = max(Fraction(0), min(start, whole - sample))
    part = sound.exactly(sound.of_file(path), max(seconds, sample), begin)
    return {"audio": Made("audio", write_sound(job.workdir / "part.wav", part))}
