"""media/ramp: a video whose speed changes while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.ramp import ramp
from callsheet.nodes.media.operation import facts_of, local, same_film
from callsheet.nodes.media.timeline.retimed import ramped_film
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import NUMBER, VIDEO, Field, ListOf, Record

POINT: Final = Record(
    {
        "at": Field(NUMBER, required=True, minimum=0),
        "speed": Field(NUMBER, required=True, minimum=0.1, maximum=20),
    }
)


def _points(given: object) -> list[tuple[float, float]] | None:
    """The points of a ramp; None while any of them is not known."""
    found = given if isinstance(given, list | tuple) else []
    points = [
        (asked.known(one, "at"), asked.known(one, "speed")) for one in found if isinstance(one, Mapping)
    ]
    known = [(at, speed) for at, speed in points if at is not None and speed is not None]
    return known if known and len(known) == len(found) else None


def _facts(params: Parameters) -> Mapping[str, Facts]:
    same, whole = same_film(params)["video"], facts_of(params, "video").seconds
    points = _points(params.get("speeds"))
    if points is None or whole is None or _not_rising(params):
        return {"video": replace(same, seconds=None)}
    return {"video": replace(same, seconds=round(ramp(points, whole).seconds, 6))}


def _not_rising(params: Parameters) -> bool:
    points = _points(params.get("speeds")) or []
    return any(b <= a for (a, _), (b, _) in pairwise(points))


def _after_its_end(params: Parameters) -> bool:
    whole, points = facts_of(params, "video").seconds, _points(params.get("speeds"))
    return whole is not None and points is not None and points[-1][0] > whole


SPEC: Final = local(
    "media/ramp",
    "A video whose speed changes while it runs, at the same frame rate; its sound keeps its pitch.",
    {
        "video": Field(VIDEO, required=True),
        "speeds": Field(ListOf(POINT), required=True, min_items=1, max_items=1000),
    },
    {"video": VIDEO},
    _facts,
    [
        Rule(("speeds",), "the times (`at`) of `speeds` do not rise", "write them in order", _not_rising),
        Rule(
            ("speeds",),
            "the last time (`at`) of `speeds` is after the end of the video",
            "`at` counts in seconds of the video as it was",
            _after_its_end,
            facts=True,
        ),
    ],
)
DOC: Final = {
    "video": "The video; as an output, the changed one.",
    "speeds": "Times of the video (`at`, in seconds of the video as it was) and how many times as fast it"
    " runs there (`speed`): 2 is twice as fast, 0.5 half. Between two times the speed changes evenly; before"
    " the first and after the last it stays.",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "speeds": """
      - {at: 1, speed: 1}
      - {at: 1.5, speed: 0.25}
      - {at: 2.5, speed: 0.25}
      - {at: 3, speed: 1}""",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    points = _points(asked.value(job, "speeds")) or []
    if _not_rising(job.params) or points[-1][0] > float(clip.seconds):
        raise NodeError(
            f"{job.address}: the times of `speeds` do not rise, or are after the end of the video, which is "
            f"{float(clip.seconds):g} s long",
            "local",
            "write them in order, in seconds of the video as it was",
        )
    return {"video": ramped_film(job, clip, ramp(points, float(clip.seconds)))}
