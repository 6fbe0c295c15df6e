"""Sound as arrays of samples."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame


def framed(channels: Sequence[array[float]]) -> AudioFrame:
    """A frame in the fixed form with the samples of the left and the right channel."""
    from av import AudioFrame

    frame = AudioFrame(format=sound.FORMAT, layout=sound.LAYOUT, samples=len(channels[0]))
    frame.sample_rate = sound.RATE
    for plane, channel in zip(frame.planes, channels, strict=True):
        plane.update(channel.tobytes().ljust(plane.buffer_size, b"\0"))
    return frame


def samples_of(frames: Iterable[AudioFrame]) -> tuple[array[float], ...]:
    """The samples of each channel of frames with planes of floats: two of frames in the fixed form."""
    found: tuple[array[float], ...] = ()
    for frame in frames:
        found = found or tuple(array("f") for _ in frame.planes)
        for channel, plane in zip(found, frame.planes, strict=True):
            channel.frombytes(bytes(plane)[: frame.samples * channel.itemsize])
    return found
