"""media/fit: a video in another shape or size."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import Size, even, rounded_even
from callsheet.nodes.media.codec.scale import feasible, shaped
from callsheet.nodes.media.operation import HEIGHT, MODE, WIDTH, constant_rate, facts_of, local
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import STRING, VIDEO, Field

Aspect = tuple[float, float]
WIDEST: Final = 20


def aspect_of(text: str) -> Aspect | None:
    """`16:9` as two numbers; None when it is not written like that or is more extreme than 20:1."""
    wide, _, high = text.partition(":")
    try:
        aspect = float(wide), float(high)
    except ValueError:
        return None
    sane = min(aspect) > 0 and max(aspect) / min(aspect) <= WIDEST
    return aspect if sane else None


def wanted_size(
    given: Size | None, aspect: Aspect | None, width: int | None, height: int | None
) -> Size | None:
    """The even size that these ask for; None while it depends on a size that is not known."""
    if width and height:
        return even(width), even(height)
    shape = aspect or given
    if shape is None:
        return None
    if width:
        return even(width), rounded_even(width * shape[1] / shape[0])
    if height:
        return rounded_even(height * shape[0] / shape[1]), even(height)
    return shaped(given, shape) if given else None


def _aspect_is_wrong(params: Parameters) -> bool:
    given = params.get("aspect")
    return isinstance(given, str) and aspect_of(given) is None


def _too_much(params: Parameters) -> bool:
    return all(params.get(name) is not None for name in ("aspect", "width", "height"))


FIT_INPUTS: Final = {
    "aspect": Field(STRING),
    "width": WIDTH,
    "height": HEIGHT,
    "mode": MODE,
}
FIT_DOC: Final = {
    "aspect": "The shape, width to height, such as `16:9`; the longer side stays as it is.",
    "width": "Pixels; an odd number becomes the even one below. Follows `height` and `aspect` if left out.",
    "height": "Pixels; an odd number becomes the even one below. Follows `width` and `aspect` if left out.",
    "mode": "`pad` with black bars, `crop` the overhang, or `blur` a copy behind it.",
}
FIT_RULES: Final = (
    Rule(("aspect",), "this is no aspect", "write width and height, such as `16:9`", _aspect_is_wrong),
    Rule(
        ("aspect", "width", "height"),
        "`width` and `height` already say the shape",
        "leave one out",
        _too_much,
    ),
)


def predicted(params: Parameters, given: Facts) -> Size | None:
    """The size that comes out, as far as it is known before the run."""
    size = (given.width, given.height) if given.width and given.height else None
    aspect = aspect_of(str(params.get("aspect", "")))
    return wanted_size(size, aspect, asked.known_whole(params, "width"), asked.known_whole(params, "height"))


def size_for(job: Job, given: Size) -> Size:
    """The size that a job asks for. Raises NodeError (*local*) for no aspect, or too many pixels."""
    text = asked.text(job, "aspect")
    aspect = aspect_of(text)
    if text and aspect is None:
        raise NodeError(f'{job.address}: "{text}" is no aspect', "local", "write it like `16:9`")
    size = wanted_size(given, aspect, asked.whole(job, "width"), asked.whole(job, "height"))
    return feasible(size or (even(given[0]), even(given[1])), job.address)


def _facts(params: Parameters) -> Mapping[str, Facts]:
    given = facts_of(params, "video")
    width, height = predicted(params, given) or (None, None)
    return {"video": Facts(given.seconds, width, height, constant_rate(given), given.audio)}


SPEC: Final = local(
    "media/fit",
    "A video in another shape or size, never distorted.",
    {"video": Field(VIDEO, required=True), **FIT_INPUTS},
    {"video": VIDEO},
    _facts,
    FIT_RULES,
)
DOC: Final = {"video": "The video; as an output, the fitted one.", **FIT_DOC}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "aspect": "9:16",
    "mode": "blur",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    whole = alone(clip, clip.frames())
    fitted = replace(whole, size=size_for(job, clip.size), mode=asked.text(job, "mode"))
    return {"video": render(job, fitted)}
