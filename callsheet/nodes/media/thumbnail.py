"""A small picture of a video or an image, for a list."""

from __future__ import annotations

from fractions import Fraction
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.probe import identify

if TYPE_CHECKING:
    from av.video.frame import VideoFrame
    from PIL.Image import Image

QUALITY: Final = 72
CLOSE: Final = 0.001
"""Seconds by which the clocks of files are rounded."""


def thumbnail(path: Path, seconds: Fraction, width: int) -> bytes:
    """A JPEG of a medium, `width` pixels wide; of a video, the picture that is shown at `seconds`.

    Raises NodeError (*local*), OSError.
    """
    image = _picture(path, seconds, width) if identify(path) == "video" else still.load(path)
    image = image.convert("RGB")
    image.thumbnail((width, width * 2))
    target = BytesIO()
    image.save(target, "JPEG", quality=QUALITY)
    return target.getvalue()


def _picture(path: Path, seconds: Fraction, width: int) -> Image:
    with engine.opened(path) as container:
        stream = container.streams.video[0]
        stream.codec_context.thread_count = 1
        place = float(Fraction(stream.start_time or 0) * (stream.time_base or 1) + seconds)
        if seconds:
            container.seek(round(place / (stream.time_base or 1)), stream=stream)
        found: VideoFrame | None = None
        for frame in container.decode(stream):
            if found is not None and (frame.time is None or frame.time > place + CLOSE):
                break
            found = frame
        if found is None:
            raise NodeError(f"{path.name} holds no picture", "local", "pass a file with pictures")
        height = max(1, round(found.height * width / found.width))
        small = found.reformat(width=width, height=height, format="rgb24")
        image = cast("Image", small.to_image())  # type: ignore[no-untyped-call]
        return image.rotate(found.rotation, expand=True) if found.rotation else image
