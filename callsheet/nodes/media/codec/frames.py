"""A picture as three planes (Y, U, V) of eight bits at 4:2:0, the format of every video operation.

The colours are those of BT.709 in video range, whatever the file had; what is written says so.
Planes are Pillow images. Pillow resizes in integers, so the pixels do not depend on the processor, and
takes fractions of a pixel, so nothing jitters. Sizes are of the Y plane, in pixels.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, cast

from callsheet.nodes.media.codec import color

if TYPE_CHECKING:
    from av import VideoFrame
    from PIL.Image import Image

Planes = tuple["Image", "Image", "Image"]
Size = tuple[int, int]
Box = tuple[float, float, float, float]
Color = tuple[int, int, int]

REDUCING_GAP: Final = 1.2
"""Large reductions go by whole pixels down to this many times the size, then smoothly: half the time."""
BLACK: Final[Color] = (16, 128, 128)
MATRIX_709: Final = 1

# ITU-R BT.709: the shares of red, green and blue in brightness; brightness takes 16..235, colour 16..240.
RED, GREEN, BLUE = 0.2126, 0.7152, 0.0722
LUMA, CHROMA = 219 / 255, 224 / 255
RGB_TO_YUV: Final = (
    *(RED * LUMA, GREEN * LUMA, BLUE * LUMA, 16),
    *(share * CHROMA / (2 * (1 - BLUE)) for share in (-RED, -GREEN, 1 - BLUE)),
    128,
    *(share * CHROMA / (2 * (1 - RED)) for share in (1 - RED, -GREEN, -BLUE)),
    128,
)
TO_RED, TO_BLUE = 2 * (1 - RED) / CHROMA, 2 * (1 - BLUE) / CHROMA
U_IN_GREEN, V_IN_GREEN = -TO_BLUE * BLUE / GREEN, -TO_RED * RED / GREEN
YUV_TO_RGB: Final = (
    *(1 / LUMA, 0, TO_RED, -16 / LUMA - 128 * TO_RED),
    *(1 / LUMA, U_IN_GREEN, V_IN_GREEN, -16 / LUMA - 128 * (U_IN_GREEN + V_IN_GREEN)),
    *(1 / LUMA, TO_BLUE, 0, -16 / LUMA - 128 * TO_BLUE),
)


def even(length: float) -> int:
    """The even number of pixels at or below `length`, at least 2: what 4:2:0 can hold."""
    return max(2, int(length) // 2 * 2)


def rounded_even(length: float) -> int:
    """The even number of pixels nearest to `length`, at least 2."""
    return max(2, round(length / 2) * 2)


def half(length: int) -> int:
    """The length of a chroma plane beside a luma plane of `length`."""
    return (length + 1) // 2


def of_frame(frame: VideoFrame) -> Planes:
    """The planes of a decoded frame of any pixel format, turned upright."""
    angle = round(frame.rotation / 90) * 90 % 360
    if color.has_alpha(frame):
        y, u, v = of_image(color.with_alpha(frame))
    else:
        frame = color.standard(frame)
        y, u, v = (_view(frame, i) for i in range(3))
    return (_turned(y, angle), _turned(u, angle), _turned(v, angle)) if angle else (y, u, v)


def is_plain(frame: VideoFrame, size: Size) -> bool:
    """Whether a decoded frame has the form and `size` of every operation, so that it needs no change."""
    return (frame.width, frame.height) == size and not frame.rotation and color.is_standard(frame)


def of_image(image: Image) -> Planes:
    """The planes of an image of any mode. What is transparent is black."""
    from PIL.Image import Resampling

    y, u, v = of_fine(image)
    chroma = (half(image.width), half(image.height))
    return y, u.resize(chroma, Resampling.BOX), v.resize(chroma, Resampling.BOX)


def of_fine(image: Image) -> Planes:
    """The planes of an image, with U and V in the size of Y: for work on images alone."""
    y, u, v = color.opaque(image).convert("RGB", RGB_TO_YUV).split()
    return y, u, v


def to_image(planes: Planes) -> Image:
    """The planes as an RGB image."""
    from PIL import Image

    y, u, v = planes
    fine = (u.resize(y.size, Image.Resampling.BILINEAR), v.resize(y.size, Image.Resampling.BILINEAR))
    return Image.merge("RGB", (y, *fine)).convert("RGB", YUV_TO_RGB)


def to_frame(planes: Planes) -> VideoFrame:
    """A fresh frame that holds `planes`."""
    from av import VideoFrame

    frame = VideoFrame(planes[0].width, planes[0].height, "yuv420p")
    frame.colorspace = MATRIX_709
    for i, image in enumerate(planes):
        memory = _view(frame, i)
        memory.readonly = 0
        memory.paste(image)
    return frame


def to_frames(pictures: Iterable[Planes]) -> Iterator[VideoFrame]:
    """A frame for each picture; one that is held is the same frame again."""
    last: Planes | None = None
    frame: VideoFrame | None = None
    for planes in pictures:
        if frame is None or planes is not last:
            last, frame = planes, to_frame(planes)
        yield frame


def filled(size: Size, color: Color = BLACK) -> Planes:
    """A picture of one colour, given as Y, U, V."""
    from PIL import Image

    width, height = size
    chroma = (half(width), half(height))
    y, u, v = color
    return Image.new("L", size, y), Image.new("L", chroma, u), Image.new("L", chroma, v)


def resized(planes: Planes, size: Size, box: Box | None = None) -> Planes:
    """The part of the picture inside `box` (whole if None), scaled to `size`."""
    from PIL.Image import Resampling

    width, height = planes[0].size
    box = box or (0, 0, width, height)
    if planes[0].size == size and box == (0, 0, width, height):
        return planes
    chroma_size = (half(size[0]), half(size[1]))
    y, u, v = planes
    return (
        y.resize(size, Resampling.BICUBIC, box, REDUCING_GAP),
        u.resize(chroma_size, Resampling.BICUBIC, _chroma_box(box, u.size), REDUCING_GAP),
        v.resize(chroma_size, Resampling.BICUBIC, _chroma_box(box, v.size), REDUCING_GAP),
    )


def part(planes: Planes, box: tuple[int, int, int, int]) -> Planes:
    """The part of a picture inside `box`, in even pixels."""
    y, u, v = planes
    small = (box[0] // 2, box[1] // 2, half(box[2]), half(box[3]))
    return y.crop(box), u.crop(small), v.crop(small)


def pasted(under: Planes, pieces: Iterable[tuple[Planes, tuple[int, int]]]) -> Planes:
    """Pictures laid on a copy of `under`, each with its left top corner, in even numbers."""
    y, u, v = (plane.copy() for plane in under)
    for over, (left, top) in pieces:
        y.paste(over[0], (left, top))
        u.paste(over[1], (left // 2, top // 2))
        v.paste(over[2], (left // 2, top // 2))
    return y, u, v


def blended(first: Planes, second: Planes, share: float) -> Planes:
    """A mix of two pictures of one size; `share` 0..1 belongs to the second."""
    from PIL import Image

    y, u, v = (Image.blend(a, b, share) for a, b in zip(first, second, strict=True))
    return y, u, v


def blurred(planes: Planes, radius: float) -> Planes:
    """Softened; `radius` is in pixels of the Y plane."""
    from PIL import ImageFilter

    y, u, v = (
        plane.filter(ImageFilter.GaussianBlur(radius if i == 0 else radius / 2))
        for i, plane in enumerate(planes)
    )
    return y, u, v


def darkened(planes: Planes, share: float) -> Planes:
    """Mixed with black; `share` 0..1 is how much black."""
    return planes if not share else blended(planes, filled(planes[0].size), share)


def _turned(plane: Image, angle: int) -> Image:
    """The plane turned to the left by 90, 180 or 270 degrees."""
    from PIL.Image import Transpose

    return plane.transpose(Transpose[f"ROTATE_{angle}"])


def _view(frame: VideoFrame, i: int) -> Image:
    """Plane `i` of the frame without a copy; Pillow keeps the plane alive."""
    from PIL import Image

    plane = frame.planes[i]
    size = (frame.width, frame.height) if i == 0 else (half(frame.width), half(frame.height))
    return Image.frombuffer("L", size, cast("bytes", plane), "raw", "L", plane.line_size, 1)


def _chroma_box(box: Box, size: Size) -> Box:
    left, top, right, bottom = (edge / 2 for edge in box)
    return left, top, min(right, size[0]), min(bottom, size[1])
