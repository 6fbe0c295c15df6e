"""Previews of images."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.preview.brief import known
from callsheet.nodes.preview.drawing.card import card, exif_with
from callsheet.nodes.preview.given import picture
from callsheet.nodes.preview.take import Take, asked_format, within
from callsheet.spec.media import Facts
from callsheet.spec.node import Made

FORMATS: Final = {"png": "PNG", "jpeg": "JPEG", "jpg": "JPEG", "webp": "WEBP"}
USUAL: Final = Facts(width=1024, height=1024)


def image(take: Take) -> Made:
    """A storyboard card in the asked size and format."""
    facts = known(take.facts, USUAL)
    size = within(facts.width), within(facts.height)
    drawn = card(take.brief, size, [picture(a) for a in take.given.stills])
    ending = asked_format(take.job.params, FORMATS) or "png"
    path = take.path("jpg" if ending == "jpeg" else ending)
    options = {"png": {"compress_level": 2}, "webp": {"quality": 90, "method": 2}}.get(
        ending, {"quality": 92}
    )
    drawn.image.save(path, FORMATS[ending], exif=exif_with(drawn.plate), **options)
    return Made("image", path)
