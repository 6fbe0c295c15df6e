"""media/color_image: the colours of an image, a vignette and grain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import of_fine, to_image
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.color import COLOR_DOC, COLOR_INPUTS, COLOR_RULES, look_of
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "image")
    return {"image": Facts(width=given.width, height=given.height)}


SPEC: Final = local(
    "media/color_image",
    "The colours of an image: exposure, temperature, contrast, saturation, a LUT; a vignette and grain.",
    {"image": Field(IMAGE, required=True), **COLOR_INPUTS},
    {"image": IMAGE},
    _facts,
    COLOR_RULES,
)
DOC: Final = {"image": "The image; as an output, the same with other colours, a PNG.", **COLOR_DOC}
EXAMPLE: Final = {
    "image": "${{ keyframe.images[0] }}",
    "saturation": "0",
    "contrast": "1.2",
}


def run(job: Job) -> Outputs:
    image = still.load(asked.file(job, "image"))
    done = to_image(look_of(job).over(image.size)(0, of_fine(image)))
    return {"image": Made("image", still.save(done, job.workdir / "color.png"))}
