"""media/color: the colours of a video, a vignette and grain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.cube import EXPORT, Cube, read_cube
from callsheet.nodes.media.codec.grade import Grade, Rgb
from callsheet.nodes.media.codec.look import Look, developed
from callsheet.nodes.media.operation import local, same_film
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.render import render
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import FILE, INTEGER, NUMBER, VIDEO, Field

PLAIN: Final = {"exposure": 0.0, "temperature": 0.0, "contrast": 1.0, "saturation": 1.0}
COLOR_INPUTS: Final[Mapping[str, Field]] = {
    "exposure": Field(NUMBER, default=0, minimum=-5, maximum=5),
    "temperature": Field(NUMBER, default=0, minimum=-100, maximum=100),
    "contrast": Field(NUMBER, default=1, minimum=0, maximum=4),
    "saturation": Field(NUMBER, default=1, minimum=0, maximum=4),
    "lut": Field(FILE),
    "lut_strength": Field(NUMBER, default=1, minimum=0, maximum=1),
    "vignette": Field(NUMBER, default=0, minimum=0, maximum=1),
    "grain": Field(NUMBER, default=0, minimum=0, maximum=1),
    "seed": Field(INTEGER, default=0, minimum=0),
}
COLOR_DOC: Final[Mapping[str, str]] = {
    "exposure": "In stops: 1 is twice the light, -1 half of it.",
    "temperature": "-100, cold, to 100, warm; 0 changes nothing. Grey keeps its brightness.",
    "contrast": "1 changes nothing; above it, dark gets darker and light lighter.",
    "saturation": "1 changes nothing, 0 is black and white.",
    "lut": "A .cube file, applied after the four above: at most 65 steps on a side, for pictures of an"
    " ordinary screen (sRGB or BT.709), not for those in a log curve of a camera.",
    "lut_strength": "How much of the LUT: 1 is all of it.",
    "vignette": "0, none, to 1: corners darker than the middle.",
    "grain": "0, none, to 1, very rough; film has about 0.2.",
    "seed": "Another number gives another grain.",
}


def grade_of(job: Job) -> Grade | None:
    """The grade that a job asks for, None where it changes no colour. Raises NodeError (*local*)."""
    wanted = {name: asked.number(job, name) for name in PLAIN}
    path, strength = next(iter(asked.files(job, "lut")), None), asked.number(job, "lut_strength")
    cube = read_cube(path) if path and strength else None
    if wanted == PLAIN and cube is None:
        return None
    basic = developed(**wanted) if wanted != PLAIN else None
    if cube is None:
        return basic
    return lambda color: _through(cube, basic(color) if basic else color, strength)


def _through(cube: Cube, color: Rgb, strength: float) -> Rgb:
    red, green, blue = (a + (b - a) * strength for a, b in zip(color, cube.at(color), strict=True))
    return red, green, blue


def look_of(job: Job) -> Look:
    """The look that a job asks for. Raises NodeError (*local*)."""
    return Look(
        grade_of(job),
        asked.number(job, "vignette"),
        asked.number(job, "grain"),
        asked.whole(job, "seed") or 0,
    )


def _lut_mistake(params: Parameters) -> str:
    """What is wrong with the LUT, "" for nothing."""
    path = getattr(params.get("lut"), "path", None)
    if not isinstance(path, Path) or not path.is_file():
        return ""
    try:
        read_cube(path)
    except NodeError as error:
        return error.message
    except OSError as error:
        return f"{path.name} cannot be read: {error.strerror}"
    return ""


COLOR_RULES: Final = (
    Rule(
        ("lut",),
        "this file is no .cube that can be read",
        EXPORT,
        lambda params: bool(_lut_mistake(params)),
        _lut_mistake,
    ),
)
SPEC: Final = local(
    "media/color",
    "The colours of a video: exposure, temperature, contrast, saturation, a LUT; a vignette and grain.",
    {"video": Field(VIDEO, required=True), **COLOR_INPUTS},
    {"video": VIDEO},
    same_film,
    COLOR_RULES,
)
DOC: Final = {
    "video": "The video; as an output, the same with other colours. Its sound and its length stay.",
    **COLOR_DOC,
}
EXAMPLE: Final = {
    "video": "${{ cut.video }}",
    "exposure": "0.3",
    "temperature": "15",
    "lut": "${{ inputs.film_stock }}",
    "grain": "0.15",
}


def run(job: Job) -> Outputs:
    clip = film.clips(job, "video")[0]
    whole = alone(clip, clip.frames())
    return {"video": render(job, replace(whole, finish=look_of(job).over(whole.size)))}
