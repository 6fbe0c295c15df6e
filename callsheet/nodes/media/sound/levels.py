"""Measures how loud a sound is from moment to moment, and finds where something sounds."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.signal import samples_of, squared

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph

STEPS: Final = 100
"""Measured values in a second."""
STEP: Final = sound.RATE // STEPS
"""Samples from one measured value to the next."""
Span = tuple[int, int]
"""The first sample and the one after the last, at 48 kHz."""


def power(frames: Iterable[AudioFrame], *filters: sound.Filter) -> array[float]:
    """The mean power of both channels around each step, 1 for a square wave at full scale.

    filters: those of FFmpeg that the sound goes through first.
    """

    def mean(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
        each = squared(graph, sound.link(graph, sources[0], *filters))
        both = ("pan", "mono|c0=0.5*c0+0.5*c1")
        return sound.link(graph, each, both, ("aresample", f"{STEPS}:filter_size=2"))

    (found,) = samples_of(sound.woven([frames], mean, form=())) or (array("f"),)
    return found


def spans(levels: Sequence[float], above: float, shortest: int, at: int = 0) -> Iterator[Span]:
    """The spans in which the power is above a level.

    levels, above: mean power. shortest: steps of 10 ms that a span has at least. at: the sample of the film
    at which the sound begins.
    """
    first = None
    for i, level in enumerate((*levels, above)):
        if level > above:
            first = i if first is None else first
        elif first is not None:
            if i - first >= shortest:
                yield at + first * STEP, at + i * STEP
            first = None
