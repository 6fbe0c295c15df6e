"""Finds the kind of a media file and its facts.

kind = identify(path)      # a few microseconds, no media library loaded
facts = probe(path)        # opens it and decodes its first picture: the file is whole
facts = from_header(path)  # the same facts without decoding an image: it may be cut off
"""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import ffmpeg as engine
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.length import counted, is_told
from callsheet.nodes.media.sniff import sniff
from callsheet.spec.media import Facts
from callsheet.spec.types import MediaKind

if TYPE_CHECKING:
    from av import AudioStream, VideoStream
    from av.container import InputContainer


def identify(path: Path) -> MediaKind | None:
    """The kind of media in the file at `path` by its magic bytes; None for anything else.

    Raises OSError when the file cannot be read.
    """
    found = sniff(path)
    return found.kind if found else None


def probe(path: Path) -> Facts:
    """The facts of a media file: size as displayed (rotation and pixel aspect applied), length, rate, sound.

    fps is the average rate of a video of variable rate. A length that the file does not tell is counted.
    Raises NodeError (*local*) for a file that is broken, cut off, too large, or no medium at all; the message
    names it.
    """
    found = engine.container_of(path)
    if found.kind == "image":
        width, height = still.decoded_size(path, found)
        return Facts(width=width, height=height)
    with engine.opened(path) as container:
        _complete(container, path)
        if found.kind == "audio":
            facts = _facts_of_sound(container, path)
        else:
            facts = _facts_of_video(container, path)
    return facts if is_told(path, facts.seconds) else replace(facts, seconds=counted(path))


def sound_form(path: Path) -> tuple[int, int]:
    """How many channels the first sound of a media file has, and samples a second; (0, 0) without one, or
    where it cannot be read."""
    try:
        with engine.opened(path) as container:
            found = container.streams.audio[0] if container.streams.audio else None
            return (found.channels, found.rate) if found else (0, 0)
    except NodeError:
        return 0, 0


def is_image(path: Path) -> bool:
    """Whether it is an image, which need not be decoded for its facts. Raises NodeError (*local*)."""
    return engine.container_of(path).kind == "image"


def from_header(path: Path) -> Facts:
    """The facts of a media file like `probe`, but an image is not decoded: one cut off has facts, too.

    Raises NodeError (*local*).
    """
    if is_image(path):
        width, height = still.size(path)
        return Facts(width=width, height=height)
    return probe(path)


def _facts_of_sound(container: InputContainer, path: Path) -> Facts:
    if not container.streams.audio:
        raise NodeError(f"{path.name} holds no sound", "local", "pass a sound file")
    stream = container.streams.audio[0]
    if next(container.decode(stream), None) is None:
        raise NodeError(f"{path.name} holds no sound that can be decoded", "local", "export it again")
    return Facts(seconds=_seconds(container, stream), audio=True)


def _facts_of_video(container: InputContainer, path: Path) -> Facts:
    if not container.streams.video:
        raise NodeError(f"{path.name} holds no picture", "local", "pass a video")
    stream = container.streams.video[0]
    frame = next(container.decode(stream), None)
    if frame is None:
        raise NodeError(f"{path.name} holds no picture that can be decoded", "local", "export it again")
    width, height = engine.shown_size(frame, stream)
    rate = stream.average_rate or stream.guessed_rate
    return Facts(
        seconds=_seconds(container, stream),
        width=width,
        height=height,
        fps=round(float(rate), 3) if rate else None,
        audio=bool(container.streams.audio),
    )


def _seconds(container: InputContainer, stream: VideoStream | AudioStream) -> float | None:
    if stream.duration and stream.time_base:
        return round(float(stream.duration * stream.time_base), 6)
    return round(float(Fraction(container.duration, 1_000_000)), 6) if container.duration else None


def _complete(container: InputContainer, path: Path) -> None:
    """Raises NodeError for a file that was cut off: its index points behind its end."""
    size = path.stat().st_size
    for stream in container.streams:
        entries = stream.index_entries
        if len(entries) and entries[-1].pos + entries[-1].size > size:
            raise NodeError(
                f"{path.name} is cut off: its index speaks of more than its {size:,} bytes",
                "local",
                "fetch or export it again",
            )
