"""From RGB to the planes of video: BT.709 in video range, eight bits, 4:2:0.

Pillow computes it with one matrix, so that the pixels do not depend on the processor.
Source of the constants: ITU-R BT.709-6, sections 3.2 to 3.5.
"""

from __future__ import annotations

from typing import Final

from PIL import Image

from callsheet.nodes.media.codec.frames import Planes

KR, KG, KB = 0.2126, 0.7152, 0.0722
LUMA: Final = 219 / 255
CHROMA: Final = 224 / 255
BLUE: Final = CHROMA / (2 * (1 - KB))
RED: Final = CHROMA / (2 * (1 - KR))

MATRIX: Final = (
    *(KR * LUMA, KG * LUMA, KB * LUMA, 16.0),
    *(-KR * BLUE, -KG * BLUE, (1 - KB) * BLUE, 128.0),
    *((1 - KR) * RED, -KG * RED, -KB * RED, 128.0),
)


def to_planes(image: Image.Image) -> Planes:
    """The planes of an RGB image of even width and height."""
    y, u, v = image.convert("RGB", MATRIX).split()
    return y, u.reduce(2), v.reduce(2)
