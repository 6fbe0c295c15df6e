"""Opens media files with PyAV; no other module opens one for reading."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.sniff import Container, sniff

if TYPE_CHECKING:
    from av import VideoFrame, VideoStream
    from av.container import InputContainer

MAX_STREAMS: Final = 32
MAX_FRAME_PIXELS: Final = 8192 * 8192
MIN_SOUND_RATE, MAX_SOUND_RATE = 1_000, 768_000
MAX_SECONDS: Final = 6 * 3600
READABLE: Final = (
    "an image (PNG, JPEG, WebP, GIF, BMP, TIFF, AVIF), a video (MP4, MOV, WebM, Matroska, AVI) "
    "or a sound (MP3, WAV, FLAC, Ogg, M4A, AAC, AIFF)"
)


def container_of(path: Path) -> Container:
    """The container of a media file. Raises NodeError (*local*) for another file or an unreadable one."""
    try:
        found = sniff(path)
    except OSError as error:
        raise NodeError(
            f"{path.name} cannot be read: {error.strerror}", "local", "check the path and its permissions"
        ) from error
    if found is None:
        raise NodeError(f"{path.name} is not a media file", "local", f"pass {READABLE}")
    return found


@contextmanager
def opened(path: Path) -> Iterator[InputContainer]:
    """A video or audio file, opened with the demuxer of its own magic bytes and nothing else.

    Raises NodeError (*local*), also for what goes wrong while the caller reads: broken or cut off data,
    too many streams, too large or too long.
    """
    import av

    found = container_of(path)
    if not found.demuxer:
        raise NodeError(f"{path.name} is a still image ({found.name})", "local", "pass a video or a sound")
    try:
        with _reading(path, found.demuxer, {"protocol_whitelist": "file"}) as container:
            _within_limits(container, path)
            yield container
    except av.FFmpegError as error:
        raise unreadable(path, found.name, error) from error


@contextmanager
def failures_told(what: str) -> Iterator[None]:
    """Turn an error of FFmpeg's into a NodeError (*local*) that names `what` failed."""
    try:
        yield
    except Exception as error:
        import av  # only now: what works on texts needs none of it

        if not isinstance(error, av.FFmpegError):
            raise
        message = f"{what} failed: {error.strerror}"
        raise NodeError(message, "local", "check its inputs with `media/probe`") from error


def _reading(path: Path, demuxer: str, options: dict[str, str]) -> InputContainer:
    """The file, opened by PyAV. Tags that are not UTF-8 do not matter: PyAV keeps them as they are from
    version 19 on, and up to 18 only when it is told to."""
    import av

    up_to_18 = int(av.__version__.partition(".")[0]) < 19
    lenient: dict[str, Any] = {"metadata_errors": "surrogateescape"} if up_to_18 else {}
    container: InputContainer = av.open(f"file:{path.absolute()}", format=demuxer, options=options, **lenient)
    return container


def unreadable(path: Path, name: str, error: Exception) -> NodeError:
    """The error for a file that begins like a media file and cannot be read."""
    reason = getattr(error, "strerror", None) or str(error)
    return NodeError(
        f"{path.name} starts like {name} but cannot be decoded: {reason}",
        "local",
        "it may be cut off; fetch or export it again",
    )


def _within_limits(container: InputContainer, path: Path) -> None:
    if len(container.streams) > MAX_STREAMS:
        raise NodeError(
            f"{path.name} has {len(container.streams)} streams; at most {MAX_STREAMS} are read", "local"
        )
    if any(stream.codec_context is None for stream in (*container.streams.video, *container.streams.audio)):
        raise NodeError(
            f"{path.name} uses a codec that is not known here", "local", "convert it to H.264 and AAC"
        )
    for stream in container.streams.video:
        if stream.codec_context.width * stream.codec_context.height > MAX_FRAME_PIXELS:
            raise NodeError(
                f"{path.name} is {stream.codec_context.width}x{stream.codec_context.height} pixels; "
                f"at most {MAX_FRAME_PIXELS // 1_000_000} megapixels are read",
                "local",
                "make it smaller first",
            )
    for sound in container.streams.audio:
        if not MIN_SOUND_RATE <= sound.rate <= MAX_SOUND_RATE:
            raise NodeError(f"{path.name} has {sound.rate} samples a second", "local", "export it again")
    within_length(Fraction(container.duration or 0, 1_000_000), path)


def within_length(seconds: Fraction, path: Path) -> None:
    """Raises NodeError (*local*) when `path` claims to last longer than is read."""
    if seconds > MAX_SECONDS:
        raise NodeError(f"{path.name} lasts longer than {MAX_SECONDS // 3600} hours", "local", "cut it first")


def shown_size(frame: VideoFrame, stream: VideoStream) -> tuple[int, int]:
    """Width and height in pixels as a player shows them: square pixels, turned upright."""
    width, height = frame.width, frame.height
    aspect = stream.sample_aspect_ratio
    if aspect and aspect > 0:
        width = max(1, round(width * aspect))
    return (height, width) if frame.rotation % 180 else (width, height)
