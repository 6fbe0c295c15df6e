"""media/trim: a part of a video."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.operation import constant_rate, even_down, facts_of, local
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import NUMBER, VIDEO, Field

SPAN: Final = {
    "start": Field(NUMBER, default=0, minimum=0),
    "end": Field(NUMBER, minimum=0),
    "seconds": Field(NUMBER, minimum=0.01),
}
SPAN_DOC: Final = {
    "start": "Where the part begins, in seconds.",
    "end": "Where it ends, in seconds from the start of the whole; its end if left out.",
    "seconds": "How long it is; instead of `end`.",
}


def _both_given(params: Parameters) -> bool:
    return params.get("end") is not None and params.get("seconds") is not None


def _ends_too_early(params: Parameters) -> bool:
    start, end = asked.known(params, "start") or 0.0, asked.known(params, "end")
    return end is not None and end <= start


def _begins_too_late(params: Parameters) -> bool:
    start = asked.known(params, "start") or 0.0
    lengths = [facts_of(params, name).seconds for name in ("video", "audio")]
    return any(length is not None and start >= length for length in lengths)


SPAN_RULES: Final = (
    Rule(
        ("start",), "the part begins after the end", "choose an earlier `start`", _begins_too_late, facts=True
    ),
    Rule(("end", "seconds"), "`end` and `seconds` both say where the part ends", "keep one", _both_given),
    Rule(("start", "end"), "`end` is not after `start`", "both count from the start", _ends_too_early),
)


def part_seconds(params: Parameters, whole: float | None) -> float | None:
    """The length of the part in seconds, as far as the whole is known."""
    start = asked.known(params, "start") or 0.0
    end, seconds = asked.known(params, "end"), asked.known(params, "seconds")
    wanted = seconds if seconds is not None else None if end is None else end - start
    if whole is None:
        return wanted
    rest = max(0.0, whole - start)
    return rest if wanted is None else min(rest, wanted)


def span(job: Job, whole: Fraction) -> tuple[Fraction, Fraction]:
    """Start and length of the part that a job asks for, in seconds, inside a medium `whole` seconds long.

    Raises NodeError (*local*) when it begins behind the end.
    """
    start = Fraction(asked.number(job, "start"))
    if start >= whole:
        raise NodeError(
            f"{job.address}: the part begins at {float(start):g} s, but all of it is {float(whole):g} s long",
            "local",
            "choose an earlier `start`",
        )
    end, seconds = asked.maybe_number(job, "end"), asked.maybe_number(job, "seconds")
    wanted = Fraction(seconds) if seconds else Fraction(end) - start if end else whole - start
    if wanted <= 0:
        raise NodeError(f"{job.address}: `end` is not after `start`", "local", "both count from the start")
    return start, min(wanted, whole - start)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    width = even_down(given.width) if given.width else None
    height = even_down(given.height) if given.height else None
    return {
        "video": Facts(part_seconds(params, given.seconds), width, height, constant_rate(given), given.audio)
    }


SPEC: Final = local(
    "media/trim",
    "A part of a video, exact to the frame.",
    {"video": Field(VIDEO, required=True), **SPAN},
    {"video": VIDEO},
    _facts,
    SPAN_RULES,
)
DOC: Final = {"video": "The video; as an output, the part of it.", **SPAN_DOC}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "start": "0.5",
    "seconds": "4",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    start, seconds = span(job, clip.seconds)
    return {"video": render(job, alone(clip, max(1, round(seconds * clip.rate)), start))}
