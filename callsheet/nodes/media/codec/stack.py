"""Puts strips of pictures below others, with one copy of each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from fractions import Fraction
from itertools import chain
from typing import TYPE_CHECKING, cast

if TYPE_CHECKING:
    from av import VideoFrame
    from av.filter import Graph
    from av.filter.context import FilterContext


def stacked(upper: Iterable[VideoFrame], lower: Iterable[VideoFrame], top: int) -> Iterator[VideoFrame]:
    """Frames in yuv420p, each with another one below it that begins at the line `top`, an even number. What
    `upper` has from there on, or beyond the width of `lower`, is not seen. There are as many as there are of
    both."""
    from av.filter import Graph

    above, below = iter(upper), iter(lower)
    first = next(above, None), next(below, None)
    if first[0] is None or first[1] is None:
        return
    graph = Graph()
    sources = [_source(graph, frame) for frame in first if frame]
    stack, sink = graph.add("vstack"), graph.add("buffersink")
    cut = graph.add("crop", f"w={first[1].width}:h={top}:x=0:y=0")
    sources[0].link_to(cut)
    cut.link_to(stack, 0, 0)
    sources[1].link_to(stack, 0, 1)
    stack.link_to(sink)
    graph.configure()
    pairs = zip(chain(first[:1], above), chain(first[1:], below), strict=False)
    for number, pair in enumerate(pairs):
        for source, frame in zip(sources, pair, strict=True):
            frame = cast("VideoFrame", frame)
            frame.pts, frame.time_base = number, Fraction(1)
            source.push(frame)
        yield cast("VideoFrame", sink.pull())


def _source(graph: Graph, frame: VideoFrame) -> FilterContext:
    return graph.add_buffer(
        width=frame.width, height=frame.height, format=frame.format, time_base=Fraction(1)
    )
