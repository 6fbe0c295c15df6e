"""A strip: frames of a shot before and after a change, one row each."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw, ImageOps

from callsheet.nodes.media.codec import reader, still
from callsheet.nodes.media.codec.frames import to_image
from callsheet.nodes.media.text.typeset import draw, length
from callsheet.nodes.preview.drawing.palette import PAPER, QUIET, SLATE
from callsheet.nodes.preview.drawing.scenery import plate
from callsheet.nodes.preview.given import on_black
from callsheet.spec.media import Artifact

HEIGHT: Final = 180
"""Height of a frame in pixels."""
WIDEST: Final = 430
GAP: Final = 8
TYPE: Final = 17
PLACES: Final = (Fraction(1, 50), Fraction(1, 2), Fraction(49, 50))
"""Where in a clip its frames are taken, as shares of its length."""

Size = tuple[int, int]


def frames_of(artifact: Artifact) -> list[Image.Image]:
    """An image, or three frames of a video. Raises NodeError (*local*)."""
    if artifact.kind == "image":
        return [on_black(still.load(artifact.path))]
    clip = reader.look(artifact.path)
    places = [clip.seconds * share for share in PLACES]
    return [to_image(planes) for planes in reader.pictures_at(clip, places)]


def card(words: str, size: Size) -> list[Image.Image]:
    """A drawing of what a prompt says, in the shape of `size`."""
    wide = max(2, min(WIDEST, round(HEIGHT * size[0] / max(1, size[1]))))
    return [plate(words, (wide, HEIGHT))]


def write_strip(rows: Sequence[tuple[str, Sequence[Image.Image]]], path: Path) -> Path:
    """Write rows of frames as PNG, each with its label at the left."""
    labels = round(max(length(label, TYPE) for label, _ in rows)) + 3 * GAP
    shown = [(label, [_scaled(frame) for frame in frames]) for label, frames in rows]
    width = labels + max(sum(f.width + GAP for f in frames) for _, frames in shown)
    image = Image.new("RGB", (width, GAP + len(rows) * (HEIGHT + GAP)), SLATE)
    top = GAP
    for label, frames in shown:
        draw(image, (GAP, top + HEIGHT // 2), label, TYPE, QUIET)
        left = labels
        for frame in frames:
            image.paste(frame, (left, top))
            corners = (left, top, left + frame.width - 1, top + HEIGHT - 1)
            ImageDraw.Draw(image).rectangle(corners, outline=PAPER)
            left += frame.width + GAP
        top += HEIGHT + GAP
    image.save(path, "PNG", compress_level=6)
    return path


def _scaled(frame: Image.Image) -> Image.Image:
    wide = max(2, min(WIDEST, round(frame.width * HEIGHT / frame.height)))
    return ImageOps.pad(frame.convert("RGB"), (wide, HEIGHT), color=SLATE)
