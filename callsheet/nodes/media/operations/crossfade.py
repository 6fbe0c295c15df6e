"""media/crossfade: videos with transitions between them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Final, cast

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.transition_names import DISSOLVE, NAMES
from callsheet.nodes.media.operation import (
    REEL,
    REEL_DOC,
    TRANSITION,
    VIDEOS,
    facts_of_each,
    local,
    reel_facts,
    total,
)
from callsheet.nodes.media.timeline import build
from callsheet.nodes.media.timeline.model import Timeline, Track
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import NUMBER, VIDEO, Field, ListOf, OneOf


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    sum_of_all, overlap = total(each), asked.known(params, "seconds")
    if sum_of_all is None or overlap is None:
        return reel_facts(params, None)
    return reel_facts(params, max(0.0, sum_of_all - overlap * (len(each) - 1)))


def _miscounted(params: Parameters) -> bool:
    kinds, videos = params.get("transition"), params.get("videos")
    several = all(isinstance(given, list | tuple) for given in (kinds, videos))
    return several and len(cast("list[object]", kinds)) != len(cast("list[object]", videos)) - 1


SPEC: Final = local(
    "media/crossfade",
    "Videos one after the other, with a dissolve or another transition from each to the next.",
    {
        "videos": VIDEOS,
        "seconds": Field(NUMBER, default=1, minimum=0.04, maximum=30),
        "transition": Field(OneOf((TRANSITION, ListOf(TRANSITION)))),
        **REEL,
    },
    {"video": VIDEO},
    _facts,
    [
        Rule(
            ("transition",),
            "there are not as many transitions as cuts",
            "give one for all, or one for each cut: one fewer than videos",
            _miscounted,
        )
    ],
)
DOC: Final = {
    "videos": "At least one; each must be long enough for its crossfades.",
    "seconds": "How long a transition lasts; every one shortens the film by this.",
    "transition": "Its kind, by the name that editing programs use: one for all, or a list with one for each"
    " cut. `dissolve` if left out. What moves, moves to the side that the name says: in `slide_left` the next"
    " picture slides over the one before, in `push_left` it pushes it away. The sound is always dissolved.",
    **REEL_DOC,
    "video": "The film.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
    "seconds": "0.5",
    "transition": "dip_to_black",
}


def run(job: Job) -> Outputs:
    return {"video": render(job, planned(job))}


def planned(job: Job) -> Timeline:
    """The film that a job asks for, before it is rendered. Raises NodeError (*local*)."""
    clips = film.clips(job, "videos")
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    overlap = max(1, round(asked.number(job, "seconds") * rate))
    places = build.in_a_row([build.length_of(clip, rate) for clip in clips], overlap / rate)
    _long_enough(job, clips, rate, overlap)
    plain = build.cuts_at(clips, places, rate, [Fraction(0)] * len(clips), overlap)
    kinds = (DISSOLVE, *_kinds(job, len(clips) - 1))
    cuts = tuple(replace(cut, transition=kind) for cut, kind in zip(plain, kinds, strict=True))
    return Timeline(size, rate, cuts[-1].end, (Track(cuts),), mode=asked.text(job, "mode"))


def _kinds(job: Job, count: int) -> list[str]:
    """The kind of each transition. Raises NodeError (*local*)."""
    asked_for = job.params.get("transition")
    if not isinstance(asked_for, list | tuple):
        return [asked.one_of(NAMES, str(asked_for or DISSOLVE), "transition")] * count
    if len(asked_for) != count:
        raise NodeError(
            f"{job.address}: {len(asked_for)} transitions for {count} cuts", "local", "give one for each cut"
        )
    return [asked.one_of(NAMES, str(kind), "transition") for kind in asked_for]


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
