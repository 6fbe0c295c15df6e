"""The drawing of a still: scenery, with the given pictures laid on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from PIL import Image, ImageChops, ImageStat

from callsheet.nodes.preview.brief import Brief
from callsheet.nodes.preview.drawing.collage import collage, inlaid
from callsheet.nodes.preview.drawing.scenery import plate
from callsheet.nodes.preview.scene import scene_of

SOFTWARE_TAG: Final = 0x0131
DESCRIPTION_TAG: Final = 0x010E
EDGE: Final = 0.07
THUMB: Final = (32, 18)
ALIKE: Final = 14
"""Mean difference, in levels of 0..255, below which two pictures show the same."""

Size = tuple[int, int]


def exif(title: str) -> Image.Exif:
    """EXIF data that says that it is a preview, and of which request by its title: two requests are two
    files, even where they show the same scene."""
    data = Image.Exif()
    data[SOFTWARE_TAG] = "callsheet preview"
    data[DESCRIPTION_TAG] = title
    return data


def backdrop_of(brief: Brief, size: Size, pictures: Sequence[Image.Image] = ()) -> Image.Image:
    """A picture of exactly `size` pixels: what the prompt says, with the pictures that the model was given
    in a row at the top; where the prompt names nothing that is drawn, the pictures alone."""
    scene = plate(brief.prompt, size, brief.variant)
    if not pictures:
        return scene
    if scene_of(brief.prompt).is_named:
        others = [picture for picture in pictures if not _shows_the_same(scene, picture)]
        return inlaid(scene, others)
    across, down = round(size[0] * EDGE), round(size[1] * EDGE)
    return collage(scene, pictures, (across, down, size[0] - across, size[1] - down))


def _shows_the_same(first: Image.Image, second: Image.Image) -> bool:
    """Whether two pictures look alike from far away."""
    small = (image.convert("RGB").resize(THUMB, Image.Resampling.BOX) for image in (first, second))
    return max(ImageStat.Stat(ImageChops.difference(*small)).mean) < ALIKE
