"""media/loudness_audio: a sound at a loudness that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.sound.loudness import Loudness, Source, Store, Stored, Target, brought, measured
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import AUDIO, NUMBER, Field, Type

if TYPE_CHECKING:
    from av import AudioFrame

MISSED: Final = 0.5
"""LU from the target from which a person is told."""
TARGET: Final[Mapping[str, Field]] = {
    "target": Field(NUMBER, default=-14, minimum=-40, maximum=-5),
    "peak": Field(NUMBER, default=-1, minimum=-20, maximum=0),
}
TARGET_DOC: Final[Mapping[str, str]] = {
    "target": "Integrated loudness in LUFS: -14 for most video platforms, -16 for podcasts, -23 for"
    " television in Europe.",
    "peak": "The highest true peak in dBTP. A limiter keeps to it, and takes at most 12 dB off. Where that is"
    " not enough, the result stays softer than `target`, and the run says so.",
    "loudness": "What was reached, measured in the finished file, in LUFS; -70 for silence.",
    "loudness_before": "What it was before, in LUFS.",
    "true_peak": "The highest true peak of the finished file, in dBTP; -120 for silence.",
    "loudness_range": "The loudness range of the finished file, in LU.",
    "gain": "How much louder it was made before the limiter, in dB.",
}
FIGURES: Final[Mapping[str, Type]] = dict.fromkeys(
    ("loudness", "loudness_before", "true_peak", "loudness_range", "gain"), NUMBER
)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"audio": Facts(facts_of(params, "audio").seconds, audio=True)}


SPEC: Final = local(
    "media/loudness_audio",
    "A sound at a loudness that is asked for, by EBU R128, with the measured figures.",
    {"audio": Field(AUDIO, required=True), **TARGET},
    {"audio": AUDIO, **FIGURES},
    _facts,
)
DOC: Final = {"audio": "The sound; as an output, a WAV file (48 kHz, stereo).", **TARGET_DOC}
EXAMPLE: Final = {
    "audio": "${{ podcast.audio }}",
    "target": "-16",
}


def run(job: Job) -> Outputs:
    path = asked.file(job, "audio")

    def source() -> Iterator[AudioFrame]:
        return sound.of_file(path)

    def store(frames: Iterator[AudioFrame], number: int) -> Path:
        return write_sound(job.workdir / f"sound-{number}.wav", sound.numbered(frames))

    before = measured(source())
    done = leveled(job, source, store, before)
    if done is None:
        return {"audio": Made("audio", store(source(), 0)), **figures(before, before, 0.0)}
    return {"audio": Made("audio", done.path), **figures(done.found, before, done.gain)}


def leveled(job: Job, source: Source, store: Store, before: Loudness) -> Stored | None:
    """The sound of a job at its target; None for silence. Tells the person where the target is missed."""
    target = Target(asked.number(job, "target"), asked.number(job, "peak"))
    if before.silent:
        job.tell("there is no sound above -70 LUFS, so its loudness stays as it is")
        return None

    def heard() -> Iterator[AudioFrame]:
        for frame in source():
            film.stop_if_asked(job)
            yield frame

    done = brought(heard, store, before, target)
    if abs(done.found.integrated - target.integrated) > MISSED:
        job.tell(
            f"{done.found.integrated:g} LUFS is as near to {target.integrated:g} as peaks"
            f" below {target.peak:g} dBTP let it come; the sound has short, high peaks"
        )
    return done


def figures(found: Loudness, before: Loudness, gain: float) -> Outputs:
    """The measured figures as outputs."""
    return {
        "loudness": found.integrated,
        "loudness_before": before.integrated,
        "true_peak": found.peak,
        "loudness_range": found.span,
        "gain": round(gain, 2),
    }
