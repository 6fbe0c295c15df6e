"""Measures how loud a sound is from moment to moment, and finds where something sounds."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Iterator, Sequence
from math import log10
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.signal import samples_of

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph

STEPS: Final = 100
"""Measured values in a second."""
STEP: Final = sound.RATE // STEPS
"""Samples from one measured value to the next."""
Span = tuple[int, int]
"""The first sample and the one after the last, at 48 kHz."""


def power(frames: Iterable[AudioFrame], *filters: sound.Filter, steps: int = STEPS) -> array[float]:
    """The mean power of both channels around each step, 1 for a square wave at full scale.

    filters: what the sound passes before. steps: values in a second.
    """

    def squared(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
        twice = graph.add("asplit", "2")
        sound.link(graph, sources[0], *filters).link_to(twice)
        product = graph.add("amultiply")
        twice.link_to(product, 0, 0)
        twice.link_to(product, 1, 1)
        mean = ("pan", "mono|c0=0.5*c0+0.5*c1"), ("aresample", f"{steps}:filter_size=2")
        return sound.link(graph, product, *mean)

    (found,) = samples_of(sound.woven([frames], squared, form=())) or (array("f"),)
    return found


def decibels(mean_power: float) -> float:
    """A mean power in dB below full scale; -120 for silence."""
    return 10 * log10(max(mean_power, 1e-12))


def spans(levels: Sequence[float], above: float, shortest: int, at: int = 0) -> Iterator[Span]:
    """Where the power is above a level. shortest: steps that a span has at least. at: the sample at which the
    sound begins."""
    first = None
    for i, level in enumerate((*levels, above)):
        if level > above:
            first = i if first is None else first
        elif first is not None:
            if i - first >= shortest:
                yield at + first * STEP, at + i * STEP
            first = None
