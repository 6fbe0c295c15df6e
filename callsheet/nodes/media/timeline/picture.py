"""Draws the pictures of a film: each stretch from its layers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, repeat

from callsheet.nodes.media.codec.frames import Planes, Size, darkened, filled, part, pasted
from callsheet.nodes.media.codec.reader import pictures
from callsheet.nodes.media.codec.scale import fitted_reel
from callsheet.nodes.media.codec.transitions import between
from callsheet.nodes.media.timeline.model import Cut, Layer, Still, Stretch, Timeline


def drawn(timeline: Timeline, stretch: Stretch) -> Iterator[Planes]:
    """The pictures of a stretch. At most the clips that are seen in it are open at once."""
    under = timeline.board or filled(timeline.size)
    seen = [list(layers) for _, layers in groupby(stretch.layers, key=lambda layer: layer.track)]
    tracks = [(layers[0].cell, _track(timeline, layers, stretch.frames)) for layers in seen]
    if len(tracks) == 1 and tracks[0][0] is None:
        yield from tracks[0][1]
        return
    for _ in range(stretch.frames):
        picture, pieces = under, []
        for cell, reel in tracks:
            if cell is None:
                picture = next(reel)
            else:
                pieces.append((next(reel), cell.corner))
        yield pasted(picture, pieces) if pieces else picture


def _track(timeline: Timeline, layers: list[Layer], count: int) -> Iterator[Planes]:
    reels = [_reel(timeline, layer, count) for layer in layers]
    if len(reels) == 1:
        yield from reels[0]
        return
    coming = layers[-1]
    for i, (old, new) in enumerate(zip(reels[0], reels[-1], strict=True), coming.offset + 1):
        yield between(coming.cut.transition, old, new, i / (coming.cut.enter + 1))


def _reel(timeline: Timeline, layer: Layer, count: int) -> Iterator[Planes]:
    """`count` pictures of one layer in the size of its place."""
    cut = layer.cut
    size = layer.cell.size if layer.cell else timeline.size
    reel = _fitted(timeline, layer, size, count)
    if not (cut.fade_in or cut.fade_out):
        return reel
    return (_faded(picture, cut, i) for i, picture in enumerate(reel, layer.offset))


def _fitted(timeline: Timeline, layer: Layer, size: Size, count: int) -> Iterator[Planes]:
    cut, color = layer.cut, timeline.behind
    if isinstance(cut.clip, Still):
        return fitted_reel(repeat(cut.clip.planes, count), size, timeline.mode, color)
    rate = timeline.rate / cut.speed
    start = cut.start + Fraction(layer.offset) / rate
    reel = pictures(cut.clip, rate, start, count)
    if crop := cut.crop:
        reel = (part(picture, crop) for picture in reel)
    return fitted_reel(reel, size, timeline.mode, color)


def _faded(picture: Planes, cut: Cut, place: int) -> Planes:
    """A picture of a cut that comes from black and goes to black. place: its number in the cut."""
    shares = [0.0]
    if place < cut.fade_in:
        shares.append(1 - (place + 1) / (cut.fade_in + 1))
    if cut.frames - place <= cut.fade_out:
        shares.append(1 - (cut.frames - place) / (cut.fade_out + 1))
    return darkened(picture, max(shares)) if max(shares) else picture
