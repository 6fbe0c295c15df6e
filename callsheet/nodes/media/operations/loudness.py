"""media/loudness: a video whose sound has a loudness that is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.reader import Clip, look
from callsheet.nodes.media.operation import copied, facts_of, local
from callsheet.nodes.media.operations.loudness_audio import FIGURES, TARGET, TARGET_DOC, figures, leveled
from callsheet.nodes.media.sound.loudness import NOTHING_HEARD, measured
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.render import with_sound
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import VIDEO, Field

if TYPE_CHECKING:
    from av import AudioFrame


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    return {"video": Facts(given.seconds, given.width, given.height, given.fps, given.audio)}


SPEC: Final = local(
    "media/loudness",
    "A film at a loudness that is asked for, by EBU R128, with the measured figures. The picture is copied.",
    {"video": Field(VIDEO, required=True), **TARGET},
    {"video": VIDEO, **FIGURES},
    _facts,
)
DOC: Final = {
    "video": "The film, with sound; as an output, the same picture with the new sound.",
    **TARGET_DOC,
}
EXAMPLE: Final = {
    "video": "${{ film.video }}",
    "target": "-14",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    if not clip.sound:
        job.tell("the video has no sound, so it stays as it is")
        return {"video": copied(job, "video", clip.path), **figures(NOTHING_HEARD, NOTHING_HEARD, 0.0)}

    picture = clip if clip.form else _copyable(job, clip)

    def source() -> Iterator[AudioFrame]:
        return film.heard_of(clip)

    def store(frames: Iterator[AudioFrame], number: int) -> Path:
        return with_sound(job, picture, frames).path.rename(job.workdir / f"film-{number}.mp4")

    before = measured(source())
    done = leveled(job, source, store, before)
    if done is None:
        return {"video": with_sound(job, picture, source()), **figures(before, before, 0.0)}
    made = Made("video", done.path, alone(clip, clip.frames()).shots())
    return {"video": made, **figures(done.found, before, done.gain)}


def _copyable(job: Job, clip: Clip) -> Clip:
    """A clip whose pictures an MP4 cannot hold as they are, encoded once and without sound."""
    made = with_sound(job, clip, None)
    return look(made.path.rename(job.workdir / "picture.mp4"))
