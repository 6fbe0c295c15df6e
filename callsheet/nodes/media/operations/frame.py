"""media/frame: one picture of a video."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import Planes, to_image
from callsheet.nodes.media.codec.reader import Clip, last_picture, look, pictures
from callsheet.nodes.media.operation import PICTURE_AT_RULE, facts_of, local
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, NUMBER, VIDEO, Choice, Field, OneOf


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    return {"image": Facts(width=given.width, height=given.height)}


SPEC: Final = local(
    "media/frame",
    "One picture of a video: its first, its exact last, or the one shown at a time.",
    {
        "video": Field(VIDEO, required=True),
        "at": Field(OneOf((Choice(("first", "last")), NUMBER)), default="first", minimum=0),
    },
    {"image": IMAGE},
    _facts,
    [PICTURE_AT_RULE],
)
DOC: Final = {
    "video": "The video; a rotation flag is applied.",
    "at": "`first`, `last`, or a time in seconds from the start.",
    "image": "A PNG in the size of the video as displayed.",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "at": "last",
}


def run(job: Job) -> Outputs:
    clip = look(asked.file(job, "video"))
    image = to_image(_picture(job, clip))
    return {"image": Made("image", still.save(image, job.workdir / "frame.png"))}


def _picture(job: Job, clip: Clip) -> Planes:
    at = asked.value(job, "at")
    if at == "last":
        return last_picture(clip)
    seconds = 0.0 if at == "first" else asked.number(job, "at")
    if seconds > clip.seconds:
        raise NodeError(
            f"{job.address}: there is no frame at {seconds:g} s, the video is {float(clip.seconds):g} s long",
            "local",
            "use `at: last` for its last frame",
        )
    # The picture on screen at a time is the one that began before it, not the nearest.
    shown = max(Fraction(0), Fraction(seconds) - 1 / (2 * clip.rate) + Fraction(1, 1000))
    return next(pictures(clip, start=shown, count=1))
