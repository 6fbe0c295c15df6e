"""Draws the pictures of a film: each stretch from its layers."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import groupby, repeat

from callsheet.nodes.media.codec.frames import Planes, Size, blended, darkened, filled, part, pasted
from callsheet.nodes.media.codec.reader import pictures
from callsheet.nodes.media.codec.scale import fitted_reel
from callsheet.nodes.media.codec.transitions import between
from callsheet.nodes.media.timeline.model import Cut, Layer, Still, Stretch, Timeline


def drawn(timeline: Timeline, stretch: Stretch) -> Iterator[Planes]:
    """The pictures of a stretch. At most the clips that are seen in it are open at once."""
    under = timeline.board or filled(timeline.size)
    seen = [list(layers) for _, layers in groupby(stretch.layers, key=lambda layer: layer.track)]
    tracks = [(layers, _track(timeline, layers, stretch.frames)) for layers in seen]
    if len(tracks) == 1 and stretch.layers[0].cell is None:
        yield from tracks[0][1]
        return
    for i in range(stretch.frames):
        picture = under
        for layers, reel in tracks:
            picture = _laid(picture, next(reel), layers[-1], i)
        yield picture


def _laid(under: Planes, picture: Planes, layer: Layer, number: int) -> Planes:
    """A picture of a track over what is under it. number: of the picture in its stretch."""
    if layer.cell is None:
        return picture
    left, top = layer.cell.corner
    covered = _covered(layer.cut, layer.offset + number)
    if covered:
        box = (left, top, left + picture[0].width, top + picture[0].height)
        picture = blended(picture, part(under, box), covered)
    return pasted(under, [(picture, layer.cell.corner)])


def _track(timeline: Timeline, layers: list[Layer], count: int) -> Iterator[Planes]:
    reels = [_reel(timeline, layer, count) for layer in layers]
    if len(reels) == 1:
        yield from reels[0]
        return
    coming = layers[-1]
    for i, (old, new) in enumerate(zip(reels[0], reels[-1], strict=True), coming.offset + 1):
        yield between(coming.cut.transition, old, new, i / (coming.cut.enter + 1))


def _reel(timeline: Timeline, layer: Layer, count: int) -> Iterator[Planes]:
    """`count` pictures of one layer in the size of its place; what fills the whole picture fades to black."""
    cut = layer.cut
    size = layer.cell.size if layer.cell else timeline.size
    reel = _fitted(timeline, layer, size, count)
    if layer.cell or not (cut.fade_in or cut.fade_out):
        return reel
    return (darkened(picture, _covered(cut, i)) for i, picture in enumerate(reel, layer.offset))


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


def _covered(cut: Cut, place: int) -> float:
    """How much of a picture of a cut is not there yet, or not any more, 0 to 1. place: its number in it."""
    shares = [0.0]
    if place < cut.fade_in:
        shares.append(1 - (place + 1) / (cut.fade_in + 1))
    if cut.frames - place <= cut.fade_out:
        shares.append(1 - (cut.frames - place) / (cut.fade_out + 1))
    return max(shares)
