"""media/title: a card with a title, or credits, as a film of its own."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import repeat
from math import ceil
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import Planes, Size, even, filled, of_image
from callsheet.nodes.media.codec.place import safe_area
from callsheet.nodes.media.codec.plate import Plate, plate
from callsheet.nodes.media.codec.scale import feasible, fitted
from callsheet.nodes.media.codec.timing import rate_of
from callsheet.nodes.media.lettering.credits import Credit, credits_picture
from callsheet.nodes.media.lettering.label import STYLES, Look, color_of, label_plate
from callsheet.nodes.media.lettering.parameters import FONT, FONT_DOC, label_of, looked, rules_of
from callsheet.nodes.media.operation import FPS, HEIGHT, WIDTH, even_down, local
from callsheet.nodes.media.timeline.build import over
from callsheet.nodes.media.timeline.model import Overlay, frame_at
from callsheet.nodes.media.timeline.over import laid_over
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Outputs, Parameters, Rule
from callsheet.spec.types import BOOLEAN, IMAGE, NUMBER, STRING, VIDEO, Field, ListOf, Record

CREDIT: Final = Record({"role": Field(STRING), "names": Field(ListOf(STRING), required=True, min_items=1)})
SIZES: Final = {"text": 10.0, "credits": 4.5}
"""Size of the text in percent of the shorter side of the picture, where it is left out."""


def _facts(params: Parameters) -> Mapping[str, Facts]:
    width, height = (asked.known_whole(params, name) for name in ("width", "height"))
    size = (even_down(width) if width else None), (even_down(height) if height else None)
    return {"video": Facts(asked.known(params, "seconds"), *size, asked.known(params, "fps"), audio=False)}


def _texts(params: Parameters) -> Iterator[str]:
    yield from (found for name in ("text", "detail") if isinstance(found := params.get(name), str))
    for entry in _credits(params.get("credits")):
        yield from (entry.role, *entry.names)


def _credits(given: object) -> list[Credit]:
    """The credits that are given, as far as they are known."""
    return [
        Credit(str(one.get("role") or ""), tuple(name for name in names if isinstance(name, str)))
        for one in asked.records(given)
        if isinstance(names := one.get("names"), list | tuple)
    ]


SPEC: Final = local(
    "media/title",
    "A card with a title and a line below it, or credits, on a colour or an image.",
    {
        "text": Field(STRING, max_length=500),
        "detail": Field(STRING, max_length=1000),
        "credits": Field(ListOf(CREDIT), min_items=1, max_items=1000),
        "roll": Field(BOOLEAN, default=False),
        "seconds": Field(NUMBER, default=4, minimum=0.1, maximum=600),
        "width": replace(WIDTH, default=1280),
        "height": replace(HEIGHT, default=720),
        "fps": replace(FPS, default=24),
        "background": Field(STRING, default="black"),
        "image": Field(IMAGE),
        "color": Field(STRING, default="white"),
        "size": Field(NUMBER, minimum=1, maximum=50),
        "fade": Field(NUMBER, default=0.5, minimum=0, maximum=60),
        **FONT,
    },
    {"video": VIDEO},
    _facts,
    (
        Rule(
            ("text", "credits"),
            "a card has a `text` or `credits`",
            "give one of the two",
            lambda params: ("text" in params) == ("credits" in params),
        ),
        *rules_of(("text", "detail", "credits"), ("color", "background"), _texts),
    ),
)
DOC: Final = {
    "text": "The title. It is cut into lines that fit, and gets smaller where it is long.",
    "detail": "A smaller text below the title; not used with `credits`.",
    "credits": "Instead of a title, who did what: each with `names`, and `role` beside them. In two"
    " columns; names without a role stand in the middle.",
    "roll": "The `credits` come from below and leave at the top, by whole pixels, so that they do not shake.",
    "seconds": "Length of the film.",
    "width": "Pixels; an odd number becomes the even one below.",
    "height": "Pixels; an odd number becomes the even one below.",
    "fps": "Frames per second.",
    "background": "Colour behind it, as CSS writes it.",
    "image": "An image behind it, cropped to the shape of the film, instead of a colour.",
    "color": "Colour of the text, as CSS writes it.",
    "size": "Of the text, in percent of the shorter side of the picture: 10 for a title, 4.5 for credits"
    " if left out.",
    "fade": "Seconds in which the text comes and goes, unless it rolls.",
    **FONT_DOC,
    "video": "A silent film.",
}
EXAMPLE: Final = {
    "text": "The Long Way Home",
    "detail": "A film by Maria Lind",
    "seconds": "3",
}


def run(job: Job) -> Outputs:
    size = feasible((even(asked.number(job, "width")), even(asked.number(job, "height"))), job.address)
    rate = rate_of(asked.number(job, "fps"))
    count = max(1, frame_at(Fraction(asked.number(job, "seconds")).limit_denominator(10**6), rate))
    overlay = _overlay(job, size, count, rate)
    pictures = laid_over(repeat(_board(job, size), count), [overlay])
    return {"video": film.write(job, pictures, count, size, rate)}


def _overlay(job: Job, size: Size, count: int, rate: Fraction) -> Overlay:
    entries = _credits(asked.value(job, "credits"))
    given = {name: asked.value(job, name) for name in ("color", "fade")}
    given["size"] = asked.maybe_number(job, "size") or SIZES["credits" if entries else "text"]
    look = looked(given, STYLES["title"], asked.text(job, "text"))
    if not asked.files(job, "image"):
        look = replace(look, shadow=0.0)
    if entries:
        card = _credited(job, entries, look, size)
        if asked.flag(job, "roll"):
            return Overlay(0, count, lambda: _rolled(card, size, count))
        return over((0, count), lambda: repeat(_in_the_middle(job, card, size)), look.fade, rate)
    label = label_of(job, look, asked.text(job, "text"), asked.text(job, "detail"))
    card = label_plate(label, size)
    return over((0, count), lambda: repeat(card), look.fade, rate)


def _credited(job: Job, entries: Sequence[Credit], look: Look, size: Size) -> Plate:
    written = "".join(
        (*(entry.role for entry in entries), *(name for entry in entries for name in entry.names))
    )
    picture = credits_picture(entries, label_of(job, look, written), size)
    feasible(picture.size, job.address)
    return plate(picture)


def _rolled(card: Plate, size: Size, count: int) -> Iterator[Plate]:
    """The card on its way from below the picture to above it, the same even number of pixels each frame."""
    step = 2 * ceil((card.planes[0].height + size[1]) / (2 * count))
    for i in range(count):
        yield replace(card, corner=(card.corner[0], size[1] - step * (i + 1)))


def _in_the_middle(job: Job, card: Plate, size: Size) -> Plate:
    _, top, _, bottom = safe_area(size)
    height = card.planes[0].height
    room = bottom - top
    if height > room:
        raise NodeError(
            f"{job.address}: the credits are {height} pixels high, and the picture has room for {room}",
            "local",
            "let them `roll`, give them a smaller `size`, or make several cards",
        )
    return replace(card, corner=(card.corner[0], (top + bottom - height) // 4 * 2))


def _board(job: Job, size: Size) -> Planes:
    """What is behind the text."""
    from PIL import Image

    given = asked.files(job, "image")
    if given:
        return fitted(of_image(still.load(given[0])), size, "crop")
    red, green, blue, _ = color_of(asked.text(job, "background"))
    if (red, green, blue) == (0, 0, 0):
        return filled(size)
    return of_image(Image.new("RGB", size, (red, green, blue)))
