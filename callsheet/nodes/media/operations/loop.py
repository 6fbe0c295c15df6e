"""media/loop: a video again and again."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.ffmpeg import MAX_SECONDS
from callsheet.nodes.media.operation import facts_of, local, same_film
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.model import Track, frame_at
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import INTEGER, NUMBER, VIDEO, Field

MOST: Final = 1000


def _facts(params: Parameters) -> Mapping[str, Facts]:
    own, times = facts_of(params, "video").seconds, asked.known_whole(params, "times")
    seconds = asked.known(params, "seconds") or (own * times if own is not None and times else None)
    return {"video": replace(same_film(params)["video"], seconds=seconds)}


def _not_one(params: Parameters) -> bool:
    return (params.get("times") is None) == (params.get("seconds") is None)


SPEC: Final = local(
    "media/loop",
    "A video again and again, picture and sound.",
    {
        "video": Field(VIDEO, required=True),
        "times": Field(INTEGER, minimum=1, maximum=MOST),
        "seconds": Field(NUMBER, minimum=0.05, maximum=MAX_SECONDS),
    },
    {"video": VIDEO},
    _facts,
    [
        Rule(
            ("times", "seconds"),
            "either `times` or `seconds` says how long it goes on",
            "give one of the two",
            _not_one,
        )
    ],
)
DOC: Final = {
    "video": "The video; as an output, the whole. It is copied without loss where it can be.",
    "times": "How many times it is shown.",
    "seconds": "Length of the result instead; the last time may end early.",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "seconds": "30",
}


def run(job: Job) -> Outputs:
    if _not_one(job.params):
        raise NodeError(f"{job.address}: give either `times` or `seconds`", "local")
    clip = film.clips(job, "video")[0]
    own, seconds = clip.frames(), asked.maybe_number(job, "seconds")
    times = asked.whole(job, "times") or 1
    frames = own * times if seconds is None else max(1, frame_at(Fraction(seconds), clip.rate))
    if frames / own > MOST or frames / clip.rate > MAX_SECONDS:
        raise NodeError(
            f"{job.address}: a video of {float(clip.seconds):g} s is not repeated for "
            f"{float(frames / clip.rate):g} s",
            "local",
            f"at most {MOST} times, and {MAX_SECONDS // 3600} hours",
        )
    whole = alone(clip, frames)
    (cut,) = whole.cuts()
    cuts = tuple(replace(cut, at=at, frames=min(own, frames - at)) for at in range(0, frames, own))
    return {"video": render(job, replace(whole, tracks=(Track(cuts),)))}
