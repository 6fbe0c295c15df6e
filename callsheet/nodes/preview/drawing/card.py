"""The storyboard card: what stands for an image until a model has made it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from PIL import Image, ImageDraw

from callsheet.nodes.media.text.typeset import Block, draw, fitted, length
from callsheet.nodes.preview.brief import Brief
from callsheet.nodes.preview.drawing.collage import collage
from callsheet.nodes.preview.drawing.palette import PAPER, color, mixed
from callsheet.nodes.preview.drawing.scenery import plate
from callsheet.nodes.preview.drawing.slate import band, band_height

TAG: Final = 0xC5C5
MARK: Final = b"callsheet plate 1\0"
SOFTWARE_TAG: Final = 0x0131
MOST_BYTES: Final = 60_000
LONGEST: Final = 1600
QUALITIES: Final = (88, 76, 62, 45)
SAME_ASPECT: Final = 0.02


def exif_with(plate: Image.Image) -> Image.Exif:
    """EXIF data for a card that carries `plate`, at most 64 KB as JPEG demands."""
    exif = Image.Exif()
    exif[SOFTWARE_TAG] = "callsheet preview"
    exif[TAG] = MARK + _packed(plate)
    return exif


def plate_of(card: Image.Image) -> Image.Image | None:
    """The plate that the image carries, in the image's own size; None when there is none to be trusted."""
    data = card.getexif().get(TAG)
    if not isinstance(data, bytes) or not data.startswith(MARK) or len(data) > 2 * MOST_BYTES:
        return None
    try:
        plate = Image.open(BytesIO(data.removeprefix(MARK)), formats=("JPEG",))
        if max(plate.size) > LONGEST or not _same_aspect(plate, card):
            return None
        return plate.convert("RGB").resize(card.size, Image.Resampling.BICUBIC)
    except (OSError, ValueError, SyntaxError):
        return None


def _same_aspect(plate: Image.Image, card: Image.Image) -> bool:
    tolerance = SAME_ASPECT + 1 / min(plate.size)
    return abs(plate.width / plate.height * card.height / card.width - 1) < tolerance


def _packed(plate: Image.Image) -> bytes:
    size = LONGEST
    while True:
        small = plate.convert("RGB")
        small.thumbnail((size, size), Image.Resampling.LANCZOS)
        for quality in QUALITIES:
            data = BytesIO()
            small.save(data, "JPEG", quality=quality)
            if data.tell() <= MOST_BYTES:
                return data.getvalue()
        size //= 2


Size = tuple[int, int]

SAFE: Final = 0.05
LARGEST: Final = 0.062
EDGE: Final = 0.07
SMALLEST: Final = 0.026
READABLE: Final = 9
SCRIM: Final = 190


@dataclass(frozen=True, slots=True)
class Card:
    """image: the whole card. plate: the same without words, marks and slate."""

    image: Image.Image
    plate: Image.Image


def card(brief: Brief, size: Size, pictures: Sequence[Image.Image] = ()) -> Card:
    """A card of exactly `size` pixels; `pictures` are what the model was given to work from."""
    backdrop = backdrop_of(brief, size, pictures)
    image = backdrop.copy()
    block = _prompt_block(brief.prompt, size, small=bool(pictures))
    if block:
        _scrim(image, brief, block)
        _set_prompt(image, block)
    _corner_marks(image)
    strip = band(brief, size, f"{size[0]}x{size[1]}", f"  ·  seed {brief.seed}")
    image.paste(strip, (0, size[1] - strip.height))
    return Card(image, backdrop)


def backdrop_of(brief: Brief, size: Size, pictures: Sequence[Image.Image] = ()) -> Image.Image:
    """The plate of a card: scenery, with the given pictures laid on it."""
    scene = plate(brief.prompt, brief.hue, size, brief.address, brief.seed)
    if not pictures:
        return scene
    width = size[0]
    across, down = round(width * EDGE), round(_free_height(size) * EDGE)
    return collage(scene, pictures, (across, down, width - across, _free_height(size) - down))


def _free_height(size: Size) -> int:
    return size[1] - band_height(size[1])


def _margins(size: Size) -> tuple[int, int]:
    return round(size[0] * SAFE * 1.25), round(_free_height(size) * SAFE * 1.7)


def _prompt_block(prompt: str, size: Size, small: bool) -> Block | None:
    """The prompt at the right type size, or None when there is none or no room to read it."""
    short = min(size)
    across, down = _margins(size)
    is_wide = size[0] > size[1] * 1.2
    width = round((size[0] - 2 * across) * (0.78 if is_wide else 1))
    height = round((_free_height(size) - 2 * down) * (0.3 if small else 0.82))
    smallest = max(READABLE, round(short * SMALLEST))
    largest = max(smallest, round(short * LARGEST * (0.5 if small else 1)))
    if not prompt or width < 3 * smallest or height < smallest:
        return None
    return fitted(prompt, width, height, largest, smallest)


def _scrim(image: Image.Image, brief: Brief, block: Block) -> None:
    """Darkness that rises from the slate to a little above the words."""
    free = _free_height(image.size)
    top = max(0, free - _margins(image.size)[1] - block.height - round(2.2 * block.size))
    ramp = Image.linear_gradient("L").point([min(SCRIM, round(v * 1.4)) for v in range(256)])
    mask = ramp.resize((image.width, free - top))
    image.paste(mixed(color(brief.hue, 0.10, 0.4), (0, 0, 0), 0.45), (0, top), mask)


def _set_prompt(image: Image.Image, block: Block) -> None:
    across, down = _margins(image.size)
    baseline = _free_height(image.size) - down - block.height + round(block.size)
    shadow = max(1, block.size // 22)
    for line in block.lines:
        x = image.width - across - length(line, block.size, rtl=True) if block.rtl else across
        draw(image, (x + shadow, baseline + shadow), line, block.size, (0, 0, 0), block.rtl)
        draw(image, (x, baseline), line, block.size, PAPER, block.rtl)
        baseline += block.leading


def _corner_marks(image: Image.Image) -> None:
    """The corners of the safe area, as a viewfinder shows them."""
    width, height = image.width, _free_height(image.size)
    arm, thick = round(min(width, height) * 0.045), max(1, min(width, height) // 420)
    if arm < 4:
        return
    pen = ImageDraw.Draw(image)
    left, top = round(width * SAFE * 0.6), round(height * SAFE * 0.8)
    for x, inward in ((left, arm), (width - left, -arm)):
        for y, down in ((top, arm), (height - top, -arm)):
            pen.line((x, y, x + inward, y), PAPER, thick)
            pen.line((x, y, x, y + down), PAPER, thick)
