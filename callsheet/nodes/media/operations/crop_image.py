"""media/crop_image: an image without its edges."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import color, still
from callsheet.nodes.media.operation import local
from callsheet.nodes.media.operations.crop import (
    CROP_DOC,
    CROP_INPUTS,
    CROP_RULES,
    asked_edges,
    cropped_facts,
)
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    return {"image": cropped_facts(params, "image", step=1)}


SPEC: Final = local(
    "media/crop_image",
    "An image without its edges.",
    {"image": Field(IMAGE, required=True), **CROP_INPUTS},
    {"image": IMAGE},
    _facts,
    CROP_RULES,
)
DOC: Final = {
    "image": "The image; as an output, what is left of it, a PNG. Its transparent parts stay so.",
    **CROP_DOC,
}
EXAMPLE: Final = {
    "image": "${{ keyframe.images[0] }}",
    "left": "25",
    "right": "25",
}


def run(job: Job) -> Outputs:
    image = color.plain(still.load(asked.file(job, "image")))
    made = image.crop(asked_edges(job, image.size, step=1))
    return {"image": Made("image", still.save(made, job.workdir / "cropped.png"))}
