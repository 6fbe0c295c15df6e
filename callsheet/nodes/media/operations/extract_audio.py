"""media/extract_audio: the sound of a video."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.reader import look
from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.media.operation import facts_of, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import AUDIO, VIDEO, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"audio": Facts(facts_of(params, "video").seconds, audio=True)}


SPEC: Final = local(
    "media/extract_audio",
    "The sound of a video, as long as its picture.",
    {"video": Field(VIDEO, required=True)},
    {"audio": AUDIO},
    _facts,
)
DOC: Final = {
    "video": "A video with sound; one without is an error.",
    "audio": "A WAV file (48 kHz, stereo).",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
}


def run(job: Job) -> Outputs:
    clip = look(asked.file(job, "video"))
    if not clip.sound:
        raise NodeError(f"{job.address}: the video has no sound", "local", "pass a video that has")
    return {"audio": Made("audio", write_sound(job.workdir / "sound.wav", film.heard_of(clip)))}
