"""media/overlay: a logo, a picture or a video over a film, from when to when."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import repeat
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import color, still
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Size
from callsheet.nodes.media.codec.place import PLACES, corner_of
from callsheet.nodes.media.codec.plate import Plate, plate
from callsheet.nodes.media.codec.reader import images
from callsheet.nodes.media.lettering.parameters import TIME, seen_rule
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.probe import identify
from callsheet.nodes.media.timeline.build import alone, over, span
from callsheet.nodes.media.timeline.model import Timeline
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Outputs
from callsheet.spec.types import IMAGE, NUMBER, VIDEO, Choice, Field, OneOf

if TYPE_CHECKING:
    from PIL.Image import Image


SPEC: Final = local(
    "media/overlay",
    "A logo, a picture or a video over a film: in a corner, as large as you say, from when to when.",
    {
        "video": Field(VIDEO, required=True),
        "over": Field(OneOf((IMAGE, VIDEO)), required=True),
        "place": Field(Choice(PLACES), default="top_right"),
        "size": Field(NUMBER, default=15, minimum=1, maximum=100),
        "opacity": Field(NUMBER, default=1, minimum=0, maximum=1),
        "at": TIME,
        "end": TIME,
        "fade": Field(NUMBER, default=0, minimum=0, maximum=60),
    },
    {"video": VIDEO},
    same_film,
    (
        seen_rule(
            ("at", "end"),
            lambda params: iter([("it", asked.known(params, "at"), asked.known(params, "end"))]),
        ),
    ),
)
DOC: Final = {
    "video": "The film; as an output, the same with what is over it. Its sound and its length stay.",
    "over": "An image or a video; its transparent parts stay so. A video begins when it is first seen and"
    " holds its last picture; its sound is not heard.",
    "place": "A corner or side of the safe area, such as `top_right`, or `middle`. What is larger than the"
    " safe area is in the middle of the picture.",
    "size": "Its width, in percent of that of the film; less where it would be higher than the film.",
    "opacity": "From 0, not seen, to 1.",
    "at": "When it comes, in seconds of the film; at the beginning if left out.",
    "end": "When it goes, in seconds of the film; at the end if left out.",
    "fade": "Seconds in which it comes and goes.",
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "over": "${{ inputs.logo }}",
    "place": "top_left",
    "size": "12",
    "opacity": "0.8",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    whole = alone(clip, clip.frames())
    seen = span(job.address, whole, asked.maybe_number(job, "at"), asked.maybe_number(job, "end"))
    reel = _reel(job, whole, asked.artifacts(job, "over")[0], seen[1] - seen[0])
    overlay = over(seen, reel, asked.number(job, "fade"), whole.rate)
    return {"video": render(job, replace(whole, overlays=(overlay,)))}


def _reel(job: Job, whole: Timeline, given: Artifact, count: int) -> Callable[[], Iterator[Plate]]:
    place, opacity = asked.text(job, "place"), asked.number(job, "opacity")
    share = asked.number(job, "size") / 100

    def placed(image: Image) -> Plate:
        size = _size(image.size, whole.size, share)
        sized = image if size == image.size else image.resize(size)
        return plate(sized, corner_of(place, size, whole.size), opacity)

    if identify(given.path) == "video":
        clip = film.clip(given)
        frames = min(count, clip.frames(whole.rate))
        return lambda: map(placed, images(clip, whole.rate, count=frames))
    image = color.plain(still.load(given.path)).convert("RGBA")
    held = placed(image)
    return lambda: repeat(held)


def _size(given: Size, film_size: Size, share: float) -> Size:
    scale = min(film_size[0] * share / given[0], film_size[1] / given[1])
    return max(1, round(given[0] * scale)), max(1, round(given[1] * scale))
