"""media/fit_image: an image in another shape or size."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import of_image, to_image
from callsheet.nodes.media.codec.scale import fitted
from callsheet.nodes.media.operation import facts_of, local
from callsheet.nodes.media.operations.fit import FIT_DOC, FIT_INPUTS, FIT_RULES, predicted, size_for
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, Outputs, Parameters
from callsheet.spec.types import IMAGE, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    width, height = predicted(params, facts_of(params, "image")) or (None, None)
    return {"image": Facts(width=width, height=height)}


SPEC: Final = local(
    "media/fit_image",
    "An image in another shape or size, never distorted.",
    {"image": Field(IMAGE, required=True), **FIT_INPUTS},
    {"image": IMAGE},
    _facts,
    FIT_RULES,
)
DOC: Final = {"image": "The image; as an output, the fitted one, a PNG.", **FIT_DOC}
EXAMPLE: Final = {
    "image": "${{ portrait.images[0] }}",
    "width": "1080",
    "height": "1920",
    "mode": "crop",
}


def run(job: Job) -> Outputs:
    image = still.load(asked.file(job, "image"))
    size = size_for(job, image.size)
    done = to_image(fitted(of_image(image), size, asked.text(job, "mode")))
    return {"image": Made("image", still.save(done, job.workdir / "fitted.png"))}
