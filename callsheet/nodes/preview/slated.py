"""Puts the band on a preview: a copy of a picture or a film that also tells what it shows.

The stored preview itself is clean, so whatever is made from it never shows a band inside its picture.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

from callsheet.nodes.media.codec import still
from callsheet.nodes.preview.banded_film import BandedFilm
from callsheet.nodes.preview.banded_parts import write_film
from callsheet.nodes.preview.drawing.band import band, shape_of
from callsheet.nodes.preview.drawing.palette import SLATE
from callsheet.nodes.preview.given import on_black
from callsheet.nodes.preview.story import Beat, Story
from callsheet.spec.looks import Slate
from callsheet.spec.node import Parts

FORMATS: Final = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG", ".webp": "WEBP"}


def write(
    source: Path,
    target: Path,
    story: Story,
    slate: Slate,
    cancelled: Callable[[], bool],
    parts: Parts | None = None,
) -> bool:
    """Write the picture or film at `source` with its band to `target`. Returns False, and writes nothing,
    where that is no picture or film in a form that is written here, or nothing is to be told. parts: keeps
    the parts of a film for the next one in which they are the same.

    Raises NodeError (*local*) when it is stopped or cannot be read.
    """
    if slate == "off" or not story.beats:
        return False
    if source.suffix.lower() in FORMATS:
        _write_picture(source, target, story.beats[0], slate)
        return True
    if source.suffix.lower() != ".mp4":
        return False
    write_film(BandedFilm(source, story, slate, cancelled), target, parts)
    return True


def _write_picture(source: Path, target: Path, beat: Beat, slate: Slate) -> None:
    picture = on_black(still.load(source))
    shape = shape_of(picture.size, [beat], [])
    strip = band(shape, beat, None, 0, (0.0, 1.0))
    below = shape.height if slate == "band" else 0
    whole = Image.new("RGB", (picture.width, picture.height + below), SLATE)
    whole.paste(picture)
    whole.paste(strip, (0, whole.height - strip.height))
    form = FORMATS[source.suffix.lower()]
    options = {"PNG": {"compress_level": 2}, "WEBP": {"quality": 90, "method": 2}}.get(form, {"quality": 92})
    whole.save(target, form, **options)
