"""The picture of a card without its text, kept inside the card's own file.

A shot that starts from the card moves the plate, and the words stand still. It is a small JPEG in a private
EXIF tag, which PNG, JPEG and WebP all carry; whatever drops EXIF leaves a card that is only a picture.
"""

from __future__ import annotations

from io import BytesIO
from typing import Final

from PIL import Image

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
