"""media/concat: videos one after the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec.transition_names import NAMES
from callsheet.nodes.media.operation import (
    COMING_IN,
    REEL,
    REEL_DOC,
    VIDEOS,
    facts_of_each,
    local,
    reel_facts,
    total,
)
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import BOOLEAN, NUMBER, VIDEO, Field, ListOf, OneOf

if TYPE_CHECKING:
    from callsheet.nodes.media.timeline.build import Places
    from callsheet.nodes.media.timeline.model import Timeline


def _facts(params: Parameters) -> Mapping[str, Facts]:
    each = facts_of_each(params, "videos")
    facts = reel_facts(params, _seconds(params, each))
    film = facts["video"]
    if params.get("drop_first") is not True or film.seconds is None or _placed(params):
        return facts
    dropped = (len(each) - 1) / film.fps if film.fps else None
    return {"video": replace(film, seconds=None if dropped is None else round(film.seconds - dropped, 6))}


def _seconds(params: Parameters, each: Sequence[Facts]) -> float | None:
    """The length of the film as far as it is known."""
    at, seconds = asked.known_numbers(params, "at"), asked.known_numbers(params, "seconds")
    one = asked.known(params, "seconds")
    if one is not None:
        return one * len(each) if each else None
    if seconds:
        return sum(seconds)
    if at:
        last = each[-1].seconds if each else None
        return None if last is None else at[-1] + last
    return None if _placed(params) else total(each)


def _placed(params: Parameters) -> bool:
    return any(params.get(name) is not None for name in ("at", "seconds"))


def _both(params: Parameters) -> bool:
    return all(params.get(name) is not None for name in ("at", "seconds"))


def _not_rising(params: Parameters) -> bool:
    at = asked.known_numbers(params, "at")
    return any(b <= a for a, b in pairwise(at))


FADE: Final = Field(NUMBER, minimum=0, maximum=600)
SPEC: Final = local(
    "media/concat",
    "Videos one after the other. Copied without loss when their pictures agree, else brought to one form.",
    {
        "videos": VIDEOS,
        "at": Field(ListOf(NUMBER)),
        "seconds": Field(OneOf((NUMBER, ListOf(NUMBER)))),
        **REEL,
        "drop_first": Field(BOOLEAN),
        "transition": COMING_IN,
        "fade_in": FADE,
        "fade_out": FADE,
    },
    {"video": VIDEO},
    _facts,
    [
        Rule(("at", "seconds"), "`at` and `seconds` both place the videos", "keep one", _both),
        Rule(
            ("transition",),
            "`transition` needs places: `at` or `seconds`",
            "give one of them, or use `media/crossfade`, where each video is shown as long as it is",
            lambda params: params.get("transition") is not None and not _placed(params),
        ),
        Rule(("at",), "the places do not rise", "each begins after the one before", _not_rising),
    ],
)
DOC: Final = {
    "videos": "At least one. A silent one among sounding ones is silent for its length.",
    "at": "Where each video begins, in seconds of the film, such as the beats of a song. Each lasts until"
    " the next one begins, the last to its end; one that is too short holds its last picture in silence.",
    "seconds": "How long each video is shown, instead of `at`: one number for all, or one for each. Places"
    " are rounded to frames one by one, so that nothing adds up.",
    **REEL_DOC,
    "drop_first": "Whether to leave out the first picture of each video after the first, where the one"
    " before it ends with the same picture. No if left out.",
    "transition": "How each video comes in over the one before, which goes on under it; with `at` or"
    " `seconds`. Seconds of a dissolve, a name such as `dip_to_white`, which takes 1 second, or both, as in"
    " `{kind: dip_to_white, seconds: 0.2}`. A hard cut if left out.",
    "fade_in": "Seconds in which the film comes from black and silence. 0 if left out.",
    "fade_out": "Seconds in which it goes to black and silence. 0 if left out.",
    "video": "As long as all of them together, or as `at` or `seconds` say. It knows which video is where.",
}
EXAMPLE: Final = {
    "videos": "${{ clip.video }}",
}


def run(job: Job) -> Outputs:
    from callsheet.nodes.media.timeline.render import render

    return {"video": render(job, planned(job))}


def planned(job: Job) -> Timeline:
    """The film that a job asks for, before it is rendered. Raises NodeError (*local*)."""
    # Most films have this operation, and checking one needs nothing that makes it.
    from callsheet.nodes.media.codec import encode as film
    from callsheet.nodes.media.timeline import build
    from callsheet.nodes.media.timeline.model import Timeline, Track

    clips = film.clips(job, "videos")
    size, rate = film.common_size(job, clips), film.common_rate(job, clips)
    dropped = 1 / rate if asked.flag(job, "drop_first") else Fraction(0)
    skipped = [Fraction(0), *[dropped] * (len(clips) - 1)]
    lengths = [max(1 / rate, build.length_of(c, rate) - s) for c, s in zip(clips, skipped, strict=True)]
    places = _places(job, lengths)
    build.rising(job.address, places, rate)
    kind, enter = _transition(job, places, rate)
    cuts = build.faded(build.cuts_at(clips, places, rate, skipped, enter, kind), *_fades(job, rate))
    return Timeline(size, rate, cuts[-1].end, (Track(cuts),), mode=asked.text(job, "mode"))


def _transition(job: Job, places: Places, rate: Fraction) -> tuple[str, int]:
    """The kind of the transitions and their frames. Raises NodeError (*local*) where a video is too short."""
    from callsheet.nodes.media.timeline.build import coming_in
    from callsheet.nodes.media.timeline.model import frame_at

    kind, seconds = coming_in(asked.value(job, "transition"))
    asked.one_of(NAMES, kind, "transition")
    enter = frame_at(seconds, rate)
    for i, (place, following) in enumerate(pairwise(places), 1):
        if i > 1 and frame_at(following, rate) - frame_at(place, rate) < enter:
            raise NodeError(
                f"{job.address}: a transition of {float(seconds):g} s is longer than video {i} is shown, "
                f"{float(following - place):g} s",
                "local",
                "choose a shorter `transition`",
            )
    return kind, enter


def _fades(job: Job, rate: Fraction) -> tuple[int, int]:
    """Frames in which the film comes and goes."""
    from callsheet.nodes.media.timeline.model import frame_at

    rise, fall = (Fraction(asked.maybe_number(job, name) or 0) for name in ("fade_in", "fade_out"))
    return frame_at(rise, rate), frame_at(fall, rate)


def _places(job: Job, lengths: Sequence[Fraction]) -> Places:
    """Where each video begins and the last one ends, in seconds. lengths: of the videos themselves."""
    from callsheet.nodes.media.timeline.build import in_a_row

    at, seconds = asked.numbers(job, "at"), asked.numbers(job, "seconds")
    if not seconds and asked.value(job, "seconds") is not None:
        seconds = [asked.number(job, "seconds")] * len(lengths)
    for name, given in (("at", at), ("seconds", seconds)):
        if given and len(given) != len(lengths):
            raise NodeError(
                f"{job.address}: {len(lengths)} videos, but {len(given)} numbers in `{name}`",
                "local",
                "give one number for each video",
            )
    if at:
        places = [Fraction(place) for place in at]
        return [*places, places[-1] + lengths[-1]]
    return in_a_row([Fraction(length) for length in seconds] or lengths)
