"""media/speed: a video faster or slower."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.operation import constant_rate, even_down, facts_of, local
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import NUMBER, VIDEO, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given, factor = facts_of(params, "video"), asked.known(params, "factor")
    seconds = given.seconds / factor if given.seconds is not None and factor else None
    width = even_down(given.width) if given.width else None
    height = even_down(given.height) if given.height else None
    return {"video": Facts(seconds, width, height, constant_rate(given), given.audio)}


SPEC: Final = local(
    "media/speed",
    "A video faster or slower, at the same frame rate; its sound keeps its pitch.",
    {"video": Field(VIDEO, required=True), "factor": Field(NUMBER, required=True, minimum=0.1, maximum=20)},
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "video": "The video; as an output, the changed one.",
    "factor": "How many times as fast: 2 halves the length, 0.5 doubles it.",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "factor": "0.5",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    factor = Fraction(asked.number(job, "factor")).limit_denominator(1000)
    count = max(1, round(clip.seconds / factor * clip.rate))
    return {"video": render(job, alone(clip, count, speed=factor))}
