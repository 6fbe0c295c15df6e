"""Previews of images."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.preview.brief import known
from callsheet.nodes.preview.drawing.card import backdrop_of, exif
from callsheet.nodes.preview.given import picture
from callsheet.nodes.preview.take import Take, asked_format
from callsheet.spec.media import Facts
from callsheet.spec.node import Made

FORMATS: Final = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP"}
USUAL: Final = Facts(width=1024, height=1024)


def image(take: Take) -> Made:
    """A drawing of what the prompt says, in the asked size and format, without a word in it."""
    facts = known(take.facts, USUAL)
    drawn = backdrop_of(take.brief, take.pixels(facts), [picture(a) for a in take.given.stills])
    ending = asked_format(take.job.params, FORMATS) or "png"
    path = take.path("jpg" if ending == "jpeg" else ending)
    options = {"png": {"compress_level": 2}, "webp": {"quality": 90, "method": 2}}.get(
        ending, {"quality": 92}
    )
    drawn.save(path, FORMATS[ending], exif=exif(take.title), **options)
    return Made("image", path)
