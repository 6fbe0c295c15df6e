"""Small copies of media for a page: a still picture of it, and a form of it that every browser plays."""

from __future__ import annotations

import io
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio, still
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec.encode import heard_of
from callsheet.nodes.media.codec.frames import Planes, resized, rounded_even, to_image
from callsheet.nodes.media.codec.reader import Clip, look, pictures
from callsheet.nodes.media.codec.writer import VideoWriter, write_sound
from callsheet.spec.media import Artifact

if TYPE_CHECKING:
    from PIL.Image import Image

POSTER: Final = 480
PICTURE: Final = 1280
FILM: Final = 480
"""Pixels: the longer side of a still and of a whole picture, the shorter side of a film."""
QUALITY: Final = 72
SMALL: Final = 96 * 1024
"""Bytes a second up to which a film that plays everywhere stays as it is."""
FASTEST: Final = 30
"""Pictures a second at most."""
PLAYED: Final = ("h264", "aac", "mp3")
ENDINGS: Final = {"video": ".mp4", "audio": ".m4a", "image": ".webp"}


def poster(artifact: Artifact) -> bytes | None:
    """A still of an image or a video as WebP, None for what has none. Raises NodeError for a broken file."""
    if artifact.kind == "image":
        return _webp(still.load(artifact.path), POSTER)
    if artifact.kind == "video":
        clip = look(artifact.path)
        shown = next(pictures(clip, start=clip.seconds / 3, count=1))
        return _webp(to_image(shown), POSTER)
    return None


def write_proxy(artifact: Artifact, target: Path) -> bool:
    """Write a small copy of a medium to `target`, whose ending is that of `ENDINGS`. Returns whether there is
    one: not where the file itself is small, and plays everywhere. Raises NodeError for a broken file."""
    if artifact.kind == "image":
        target.write_bytes(_webp(still.load(artifact.path), PICTURE))
        return True
    if _plays_everywhere(artifact):
        return False
    if artifact.kind == "audio":
        write_sound(target, audio.numbered(audio.of_file(artifact.path)))
        return True
    clip = look(artifact.path)
    rate = clip.rate if clip.rate <= FASTEST else clip.rate / 2
    heard = audio.numbered(heard_of(clip)) if clip.sound else None
    with VideoWriter(target, _small_size(clip), rate, heard) as writer:
        for picture in _shown(clip, rate, writer.size):
            writer.write(picture)
    return True


def _shown(clip: Clip, rate: Fraction, size: tuple[int, int]) -> Iterator[Planes]:
    return (resized(picture, size) for picture in pictures(clip, rate))


def _small_size(clip: Clip) -> tuple[int, int]:
    width, height = clip.size
    scale = min(1.0, FILM / min(width, height))
    return rounded_even(width * scale), rounded_even(height * scale)


def _plays_everywhere(artifact: Artifact) -> bool:
    """Whether every browser plays the file as it is, and it is small for its length."""
    seconds = artifact.facts.seconds
    if not seconds or artifact.path.stat().st_size > SMALL * seconds:
        return False
    if engine.container_of(artifact.path).demuxer not in ("mov", "mp3"):
        return False
    with engine.opened(artifact.path) as container:
        streams = (*container.streams.video, *container.streams.audio)
        plain = all(stream.codec_context.pix_fmt == "yuv420p" for stream in container.streams.video)
        return plain and all(stream.codec_context.name in PLAYED for stream in streams)


def _webp(image: Image, side: int) -> bytes:
    """The image as WebP, its longer side at most `side` pixels."""
    image = image.convert("RGBA" if "A" in image.getbands() or "transparency" in image.info else "RGB")
    image.thumbnail((side, side), reducing_gap=2.0)
    content = io.BytesIO()
    image.save(content, format="WEBP", quality=QUALITY, method=4)
    return content.getvalue()
