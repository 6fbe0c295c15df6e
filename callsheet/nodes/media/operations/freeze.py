"""media/freeze: one picture of a video held for a while."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.operation import PICTURE_AT_RULE, facts_of, local, same_film
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.model import Cut, Track, frame_at
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters
from callsheet.spec.types import NUMBER, VIDEO, Choice, Field, OneOf

STANDING: Final = Fraction(1, 10**9)
"""The speed of a picture that is held."""


def _facts(params: Parameters) -> Mapping[str, Facts]:
    own, held = facts_of(params, "video").seconds, asked.known(params, "seconds")
    whole = None if own is None or held is None else round(own + held, 6)
    return {"video": replace(same_film(params)["video"], seconds=whole)}


SPEC: Final = local(
    "media/freeze",
    "A video that stands still for a while, then goes on.",
    {
        "video": Field(VIDEO, required=True),
        "at": Field(OneOf((Choice(("first", "last")), NUMBER)), default="last", minimum=0),
        "seconds": Field(NUMBER, default=2, minimum=0.04, maximum=3600),
    },
    {"video": VIDEO},
    _facts,
    [PICTURE_AT_RULE],
)
DOC: Final = {
    "video": "The video; as an output, the longer one. It is silent while it stands.",
    "at": "Which picture stands: `first`, `last`, or the one at a time in seconds.",
    "seconds": "How long it stands, in addition to its usual time.",
}
EXAMPLE: Final = {
    "video": "${{ clip.video }}",
    "at": "last",
    "seconds": "1.5",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    own, held = clip.frames(), max(1, frame_at(Fraction(asked.number(job, "seconds")), clip.rate))
    shown = _frame(job, clip) + 1
    cuts = [
        Cut(clip, 0, shown),
        Cut(clip, shown, held, Fraction(4 * shown - 3, 4) / clip.rate, STANDING, heard=False),
    ]
    if shown < own:
        cuts.append(Cut(clip, shown + held, own - shown, shown / clip.rate))
    whole = alone(clip, own + held)
    return {"video": render(job, replace(whole, tracks=(Track(tuple(cuts)),)))}


def _frame(job: Job, clip: Clip) -> int:
    """The number of the picture that stands. Raises NodeError (*local*) for a time after the end."""
    at, last = asked.value(job, "at"), clip.frames() - 1
    if at in ("first", "last"):
        return 0 if at == "first" else last
    seconds = Fraction(asked.number(job, "at"))
    if seconds > clip.seconds:
        raise NodeError(
            f"{job.address}: there is no picture at {float(seconds):g} s, the video is "
            f"{float(clip.seconds):g} s long",
            "local",
            "use `at: last` for its last picture",
        )
    return min(last, int(seconds * clip.rate + Fraction(1, 1000)))
