"""Makes the slate that replaces media which could not be made."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Final

from PIL import Image, ImageDraw

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec.frames import even
from callsheet.nodes.media.codec.writer import VideoWriter, write_sound
from callsheet.nodes.media.text.typeset import Block, clean, draw, fitted, length
from callsheet.nodes.preview.brief import known
from callsheet.nodes.preview.drawing.motion import covering
from callsheet.nodes.preview.drawing.palette import PAPER, SLATE, mixed
from callsheet.nodes.preview.take import LONGEST_SECONDS, USUAL_SECONDS, within
from callsheet.nodes.preview.video import rate_of
from callsheet.spec.media import Facts
from callsheet.spec.node import Made
from callsheet.spec.types import MediaKind

VERSION: Final = "1"
"""Increased when a change makes the same slate look different."""

USUAL: Final = Facts(seconds=USUAL_SECONDS, width=1280, height=720, fps=24.0)
WARNING: Final = (226, 74, 51)
STRIPES: Final = 14


def slate(kind: MediaKind, facts: Facts, address: str, reason: str, stem: Path) -> Made:
    """A medium of `kind`, as long and as large as `facts` say, that names what is missing and why.

    stem: where to put it, without ending. A sound is silence.
    """
    facts = known(facts, USUAL)
    if kind == "audio":
        seconds = Fraction(min(facts.seconds or USUAL_SECONDS, LONGEST_SECONDS)).limit_denominator(1000)
        return Made("audio", write_sound(stem.with_suffix(".wav"), sound.numbered(sound.silence(seconds))))
    size = even(within(facts.width)), even(within(facts.height))
    picture = plate(clean(address), clean(reason), size)
    if kind == "image":
        path = stem.with_suffix(".png")
        picture.save(path, "PNG", compress_level=6)
        return Made("image", path)
    return Made("video", _film(picture, facts, stem.with_suffix(".mp4")))


def plate(address: str, reason: str, size: tuple[int, int]) -> Image.Image:
    """The picture: a striped border, "missing", the address and the reason."""
    image = Image.new("RGB", size, mixed(SLATE, (60, 60, 64), 0.5))
    _stripes(image)
    width, height = size
    inside, least = round(width * 0.8), max(7, round(min(size) * 0.03))
    lines = [
        (fitted("MISSING", inside, round(height * 0.2), round(height * 0.14), least), WARNING),
        (fitted(address, inside, round(height * 0.2), round(height * 0.08), least), PAPER),
        (fitted(reason, inside, round(height * 0.26), round(height * 0.05), least), mixed(PAPER, SLATE, 0.3)),
    ]
    top = round(height * 0.16)
    for block, color in lines:
        top = _centred(image, block, top, color) + round(height * 0.02)
    return image


def _centred(image: Image.Image, block: Block, top: int, color: tuple[int, int, int]) -> int:
    for line in block.lines:
        x = (image.width - length(line, block.size)) / 2
        draw(image, (x, top + block.size), line, block.size, color, block.rtl)
        top += block.leading
    return top


def _stripes(image: Image.Image) -> None:
    """Diagonal bars along the upper edge, as on a barrier."""
    pen, step = ImageDraw.Draw(image), max(4, image.width // STRIPES)
    thick = max(2, round(image.height * 0.05))
    for x in range(-step, image.width + step, step):
        pen.polygon([(x, thick), (x + step // 2, thick), (x + step // 2 + thick, 0), (x + thick, 0)], WARNING)


def _film(picture: Image.Image, facts: Facts, path: Path) -> Path:
    rate = rate_of(facts.fps or 24.0)
    count = max(1, round(min(facts.seconds or USUAL_SECONDS, LONGEST_SECONDS) * rate))
    held = covering(picture, picture.size)
    with VideoWriter(path, picture.size, rate) as writer:
        for _ in range(count):
            writer.write(held)
    return path
