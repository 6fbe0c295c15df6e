"""Makes small media files quickly: real ones, and different for each request."""

from __future__ import annotations

import io
import tempfile
import wave
from functools import cache
from pathlib import Path
from typing import Final

from callsheet.spec.types import MediaKind

SIDE: Final = 64
SECONDS: Final = 1
RATE: Final = 8
NAMES: Final[dict[MediaKind, str]] = {
    "image": "image.png",
    "video": "video.mp4",
    "audio": "audio.wav",
    "file": "file.bin",
}


def tiny(kind: MediaKind, digest: bytes) -> bytes:
    """A file of `kind`; the same digest (at least 16 bytes) gives the same bytes, another one others."""
    match kind:
        case "image":
            return _image(digest)
        case "video":
            return _template() + _free_box(digest)
        case "audio":
            return _sound(digest)
    return digest


def _image(digest: bytes) -> bytes:
    from PIL import Image

    small = Image.frombytes("RGB", (2, 2), digest[:12])
    data = io.BytesIO()
    small.resize((SIDE, SIDE), Image.Resampling.NEAREST).save(data, "PNG", compress_level=1)
    return data.getvalue()


def _sound(digest: bytes) -> bytes:
    data = io.BytesIO()
    with wave.open(data, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(1)
        file.setframerate(8000)
        file.writeframes((digest * (8000 // len(digest) + 1))[:8000])
    return data.getvalue()


def _free_box(digest: bytes) -> bytes:
    """An MP4 box that players skip."""
    return (8 + len(digest)).to_bytes(4) + b"free" + digest


@cache
def _template() -> bytes:
    from callsheet.nodes.media.codec.frames import filled
    from callsheet.nodes.media.codec.writer import VideoWriter

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "tiny.mp4"
        with VideoWriter(path, (SIDE, SIDE), RATE) as film:
            for step in range(SECONDS * RATE):
                film.write(filled((SIDE, SIDE), (40 + 20 * step, 128, 128)))
        return path.read_bytes()
