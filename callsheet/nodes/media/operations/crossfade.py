"""media/crossfade: videos that melt into each other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.operation import REEL, REEL_DOC, VIDEOS, facts_of_each, local, reel_facts, total
from callsheet.nodes.media.timeline import build
from callsheet.nodes.media.timeline.model import Timeline, Track
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import NUMBER, VIDEO, Field


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    sum_of_all, overlap = total(each), asked.known(params, "seconds")
    if sum_of_all is None or overlap is None:
        return reel_facts(params, None)
    return reel_facts(params, max(0.0, sum_of_all - overlap * (len(each) - 1)))


SPEC: Final = local(
    "media/crossfade",
    "Videos one after the other, each melting into the next, picture and sound.",
    {
        "videos": VIDEOS,
        "seconds": Field(NUMBER, default=1, minimum=0.04, maximum=30),
        **REEL,
    },
    {"video": VIDEO},
    _facts,
)
DOC: Final = {
    "videos": "At least one; each must be long enough for its crossfades.",
    "seconds": "How long a crossfade lasts; every one shortens the film by this.",
    **REEL_DOC,
    "video": "The film.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
    "seconds": "0.5",
}


def run(job: Job) -> Outputs:
    clips = film.clips(job, "videos")
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    overlap = max(1, round(asked.number(job, "seconds") * rate))
    places = build.in_a_row([build.length_of(clip, rate) for clip in clips], overlap / rate)
    _long_enough(job, clips, rate, overlap)
    cuts = build.cuts_at(clips, places, rate, [Fraction(0)] * len(clips), overlap)
    return {
        "video": render(job, Timeline(size, rate, cuts[-1].end, (Track(cuts),), mode=asked.text(job, "mode")))
    }


def _long_enough(job: Job, clips: Sequence[Clip], rate: Fraction, overlap: int) -> None:
    seconds = asked.number(job, "seconds")
    for i, clip in enumerate(clips):
        sides = (i > 0) + (i < len(clips) - 1)
        if clip.frames(rate) < overlap * sides:
            raise NodeError(
                f"{job.address}: video {i + 1} is {float(clip.seconds):g} s long, "
                f"too short for {sides} crossfade{'s' if sides > 1 else ''} of {seconds:g} s",
                "local",
                "choose fewer `seconds`",
            )
