"""Lays texts, logos and videos over the pictures of a film."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from callsheet.nodes.media.codec.frames import Planes
from callsheet.nodes.media.codec.plate import Plate, laid
from callsheet.nodes.media.timeline.model import Overlay

Layers = list[tuple[Plate, float]]


def laid_over(pictures: Iterator[Planes], overlays: Sequence[Overlay]) -> Iterator[Planes]:
    """The pictures with what is over them. A picture that is held under the same plates is laid once."""
    waiting = sorted(enumerate(overlays), key=lambda one: one[1].at, reverse=True)
    there: dict[int, _Shown] = {}
    last: tuple[Planes, Layers, Planes] | None = None
    for frame, under in enumerate(pictures):
        while waiting and waiting[-1][1].at <= frame:
            number, overlay = waiting.pop()
            there[number] = _Shown(overlay)
        there = {number: shown for number, shown in there.items() if shown.overlay.end > frame}
        layers = [there[number].at(frame) for number in sorted(there)]
        if last is None or under is not last[0] or not _same(layers, last[1]):
            last = under, layers, laid(under, layers) if layers else under
        yield last[2]


def _same(one: Layers, other: Layers) -> bool:
    return len(one) == len(other) and all(
        a is b and s == t for (a, s), (b, t) in zip(one, other, strict=True)
    )


@dataclass(slots=True)
class _Shown:
    """An overlay that is being shown."""

    overlay: Overlay
    reel: Iterator[Plate] = field(init=False)
    plate: Plate = field(init=False)

    def __post_init__(self) -> None:
        self.reel = self.overlay.reel()
        self.plate = next(self.reel)

    def at(self, frame: int) -> tuple[Plate, float]:
        """Its plate at a frame, and how much of it is there. Frames are asked for one after the other."""
        if frame > self.overlay.at:
            self.plate = next(self.reel, self.plate)
        return self.plate, self.overlay.share(frame)
