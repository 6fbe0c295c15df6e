"""media/crop: a video without its edges."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Size, even, rounded_even
from callsheet.nodes.media.operation import constant_rate, facts_of, local
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.model import Track
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import NUMBER, VIDEO, Field

Edges = tuple[int, int, int, int]
SIDES: Final = ("left", "top", "right", "bottom")
CROP_INPUTS: Final = {side: Field(NUMBER, default=0, minimum=0, maximum=99) for side in SIDES}
CROP_DOC: Final = {side: f"What is cut off at the {side}, in percent of the picture." for side in SIDES}


def edges(given: Size, shares: Mapping[str, float], step: int = 1) -> Edges:
    """What is left of a picture of size `given`: left, top, right and bottom edge in pixels. shares: percent
    that are cut off. step: 2 for even edges; at least one step is left."""

    def side(length: int, before: float, after: float) -> tuple[int, int]:
        whole = length if step == 1 else even(length)
        # `rounded_even` gives 2 at least, and an edge may be at 0.
        first = rounded_even(length * before / 100 + 2) - 2 if step == 2 else round(length * before / 100)
        rest = length * (100 - before - after) / 100
        size = rounded_even(rest) if step == 2 else max(1, round(rest))
        first = min(first, whole - step)
        return first, first + min(size, whole - first)

    left, right = side(given[0], shares["left"], shares["right"])
    top, bottom = side(given[1], shares["top"], shares["bottom"])
    return left, top, right, bottom


def wanted(params: Parameters) -> dict[str, float]:
    """The percentages among parameters that may not all be known yet."""
    return {side: asked.known(params, side) or 0.0 for side in SIDES}


def cropped_facts(params: Parameters, name: str, step: int) -> Facts:
    """The facts of a medium without its edges."""
    given = facts_of(params, name)
    if not (given.width and given.height):
        return given
    left, top, right, bottom = edges((given.width, given.height), wanted(params), step)
    return replace(given, width=right - left, height=bottom - top)


def _nothing_left(params: Parameters) -> bool:
    shares = wanted(params)
    return shares["left"] + shares["right"] >= 100 or shares["top"] + shares["bottom"] >= 100


CROP_RULES: Final = (
    Rule(SIDES, "nothing is left of the picture", "cut off less: they are percent", _nothing_left),
)


def asked_edges(job: Job, size: Size, step: int) -> Edges:
    """What a job leaves of a picture of `size`. Raises NodeError (*local*) when that is nothing."""
    if _nothing_left(job.params):
        raise NodeError(f"{job.address}: nothing is left of the picture", "local", "cut off less")
    return edges(size, {side: asked.number(job, side) for side in SIDES}, step)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    found = cropped_facts(params, "video", step=2)
    return {"video": replace(found, fps=constant_rate(found))}


SPEC: Final = local(
    "media/crop",
    "A video without its edges, such as black bars.",
    {"video": Field(VIDEO, required=True), **CROP_INPUTS},
    {"video": VIDEO},
    _facts,
    CROP_RULES,
)
DOC: Final = {
    "video": "The video; as an output, what is left of it, in even numbers of pixels.",
    **CROP_DOC,
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "top": "12.5",
    "bottom": "12.5",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    left, top, right, bottom = box = asked_edges(job, clip.size, step=2)
    whole = alone(clip, clip.frames())
    (cut,) = whole.cuts()
    size = (right - left, bottom - top)
    return {"video": render(job, replace(whole, size=size, tracks=(Track((replace(cut, crop=box),)),)))}
