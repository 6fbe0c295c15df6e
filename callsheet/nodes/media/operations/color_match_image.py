"""media/color_match_image: an image in the colours of a reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import of_fine, to_image
from callsheet.nodes.media.codec.look import Look
from callsheet.nodes.media.codec.match import matching, palette
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.color_match import MATCH_DOC, MATCH_INPUTS, measures, wanted_palette
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, NUMBER, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "image")
    return {"image": Facts(width=given.width, height=given.height)}


SPEC: Final = local(
    "media/color_match_image",
    "An image in the colours of a reference, and how near it came.",
    {"image": Field(IMAGE, required=True), **MATCH_INPUTS},
    {"image": IMAGE, "before": NUMBER, "after": NUMBER},
    _facts,
)
DOC: Final = {"image": "The image; as an output, the same with other colours, a PNG.", **MATCH_DOC}
EXAMPLE: Final = {
    "image": "${{ keyframe.images[0] }}",
    "reference": "${{ inputs.mood_image }}",
}


def run(job: Job) -> Outputs:
    image = still.load(asked.file(job, "image"))
    planes = of_fine(image)
    own, wanted = palette([planes]), wanted_palette(job)
    grade = matching(own, wanted, asked.number(job, "strength"))
    done = Look(grade).over(image.size)(0, planes)
    made = Made("image", still.save(to_image(done), job.workdir / "matched.png"))
    return {"image": made, **measures(job, own, palette([done]), wanted)}
