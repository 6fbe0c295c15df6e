"""Sound as arrays of samples."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph


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


def squared(graph: Graph, source: FilterContext, output: int = 0) -> FilterContext:
    """A filter that gives the power of each sample of a source. output: which of its outputs is taken."""
    twice, product = graph.add("asplit", "2"), graph.add("amultiply")
    source.link_to(twice, output, 0)
    twice.link_to(product, 0, 0)
    twice.link_to(product, 1, 1)
    return product
