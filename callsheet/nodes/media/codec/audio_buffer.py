"""A buffer that gives sound in pieces of exact length."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame


class AudioBuffer:
    """Frames of sound in the fixed form, read piece by piece."""

    def __init__(self, frames: Iterable[AudioFrame]) -> None:
        from av.audio.fifo import AudioFifo

        self._frames = sound.numbered(frames)
        self._waiting = AudioFifo()

    def take(self, seconds: Fraction) -> Iterator[AudioFrame]:
        """The next `seconds` of it, or what is left."""
        left = sound.samples(seconds)
        while left > 0:
            piece = self._piece(min(left, sound.SAMPLES))
            if piece is None:
                return
            left -= piece.samples
            yield piece

    def _piece(self, samples: int) -> AudioFrame | None:
        while self._waiting.samples < samples:
            frame = next(self._frames, None)
            if frame is None:
                break
            self._waiting.write(frame)
        return self._waiting.read(samples, partial=True)
