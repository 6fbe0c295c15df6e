"""The sound of a clip in files of samples, to be read from any place and backwards."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame

WIDTH: Final = 4
"""Bytes of a sample."""
Channels = Sequence["array[float]"]
"""Samples of the left and the right side."""


class Tape:
    """Sound written to a folder. samples: how many of each side there are."""

    def __init__(self, frames: Iterable[AudioFrame], folder: Path) -> None:
        self._paths = [folder / f"tape-{side}.f32" for side in ("left", "right")]
        self.samples = 0
        left, right = (path.open("wb") for path in self._paths)
        with left, right:
            for frame in frames:
                for file, plane in zip((left, right), frame.planes, strict=True):
                    file.write(bytes(plane)[: frame.samples * WIDTH])
                self.samples += frame.samples

    def part(self, start: int, count: int) -> Channels:
        """`count` samples from `start` on; silence before the beginning and after the end."""
        return [self._side(path, start, count) for path in self._paths]

    def _side(self, path: Path, start: int, count: int) -> array[float]:
        before = min(count, max(0, -start))
        with path.open("rb") as file:
            file.seek((start + before) * WIDTH)
            data = file.read((count - before) * WIDTH)
        found = array("f", bytes(before * WIDTH) + data)
        found.frombytes(bytes((count - len(found)) * WIDTH))
        return found


def backwards(tape: Tape) -> Iterator[AudioFrame]:
    """The sound from its end to its beginning."""
    for end in range(tape.samples, 0, -sound.SAMPLES):
        start = max(0, end - sound.SAMPLES)
        yield frame_of([side[::-1] for side in tape.part(start, end - start)])


def frames_of(channels: Channels) -> Iterator[AudioFrame]:
    """Samples as frames of sound."""
    for start in range(0, len(channels[0]), sound.SAMPLES):
        yield frame_of([side[start : start + sound.SAMPLES] for side in channels])


def frame_of(channels: Channels) -> AudioFrame:
    """Samples as one frame of sound."""
    from av import AudioFrame

    frame = AudioFrame(format=sound.FORMAT, layout=sound.LAYOUT, samples=len(channels[0]))
    frame.sample_rate, frame.time_base = sound.RATE, Fraction(1, sound.RATE)
    for plane, side in zip(frame.planes, channels, strict=True):
        plane.update(side.tobytes().ljust(plane.buffer_size, b"\0"))
    return frame


def channels_of(frames: Iterable[AudioFrame]) -> Channels:
    """All samples of frames of sound."""
    found = array("f"), array("f")
    for frame in frames:
        for side, plane in zip(found, frame.planes, strict=True):
            side.frombytes(bytes(plane)[: frame.samples * WIDTH])
    return found
