"""Transitions between two pictures, by the names that editing programs use."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import hypot, pi, sin
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec.frames import (
    BLACK,
    Box,
    Color,
    Planes,
    Size,
    blended,
    blurred,
    filled,
    part,
    pasted,
    resized,
)
from callsheet.nodes.media.codec.transition_names import DISSOLVE, SIDES

if TYPE_CHECKING:
    from PIL.Image import Image

Transition = Callable[[Planes, Planes, float], Planes]
WHITE: Final[Color] = (235, 128, 128)
ZOOM: Final = 0.4
"""Share of the picture that is cut off at the end of a zoom."""
BLUR: Final = 0.03
"""Radius of a blur where it is strongest, as a share of the width."""
FINE: Final = 2
"""How much larger masks are drawn, for smooth edges."""


def between(kind: str, old: Planes, new: Planes, share: float) -> Planes:
    """The picture of a transition when `share` (0 to 1) of it is done. Both pictures have one size."""
    return TRANSITIONS[kind](old, new, share)


def _even(length: float) -> int:
    return round(length / 2) * 2


def _dip(color: Color) -> Transition:
    """Through a colour: the old picture goes, then the new one comes."""

    def dipped(old: Planes, new: Planes, share: float) -> Planes:
        plain = filled(old[0].size, color)
        return blended(old, plain, share * 2) if share < 0.5 else blended(plain, new, share * 2 - 1)

    return dipped


def _wipe(shown: Callable[[Size, float], Box]) -> Transition:
    """The new picture in a box that grows."""

    def wiped(old: Planes, new: Planes, share: float) -> Planes:
        left, top, right, bottom = map(_even, shown(old[0].size, share))
        if right <= left or bottom <= top:
            return old
        return pasted(old, [(part(new, (left, top, right, bottom)), (left, top))])

    return wiped


def _slide(side: str, together: bool) -> Transition:
    """The new picture comes from one side, over the old one or together with it."""

    def slid(old: Planes, new: Planes, share: float) -> Planes:
        width, height = old[0].size
        across, sign = side in ("left", "right"), 1 if side in ("left", "up") else -1
        way = width if across else height
        done = _even(way * share)
        came, gone = sign * (way - done), -sign * done
        pieces = [(old, (gone, 0) if across else (0, gone))] if together else []
        return pasted(old, [*pieces, (new, (came, 0) if across else (0, came))])

    return slid


def _masked(shape: Callable[[Size, float], Image]) -> Transition:
    """The new picture where a mask is white."""

    def masked(old: Planes, new: Planes, share: float) -> Planes:
        from PIL import Image

        mask = shape(old[0].size, share)
        small = mask.resize(old[1].size, Image.Resampling.BOX)
        y, u, v = (
            Image.composite(b, a, mask if i == 0 else small)
            for i, (a, b) in enumerate(zip(old, new, strict=True))
        )
        return y, u, v

    return masked


def _circle(size: Size, share: float) -> Image:
    radius = hypot(*size) / 2 * share
    return _drawn(size, radius, (0, 360))


def _clock(size: Size, share: float) -> Image:
    return _drawn(size, hypot(*size), (-90, 360 * share - 90))


def _drawn(size: Size, radius: float, angles: tuple[float, float]) -> Image:
    """A part of a disc around the middle of a picture, between two angles, with smooth edges."""
    from PIL import Image, ImageDraw

    large = Image.new("L", (size[0] * FINE, size[1] * FINE), 0)
    x, y, far = large.width / 2, large.height / 2, radius * FINE
    ImageDraw.Draw(large).pieslice((x - far, y - far, x + far, y + far), *angles, fill=255)
    return large.resize(size, Image.Resampling.BOX)


def _zoomed(old: Planes, new: Planes, share: float) -> Planes:
    """Into the old picture, while it dissolves."""
    width, height = old[0].size
    inset = ZOOM / 2 * share
    box = (width * inset, height * inset, width * (1 - inset), height * (1 - inset))
    return blended(resized(old, old[0].size, box), new, share)


def _blurred(old: Planes, new: Planes, share: float) -> Planes:
    """Out of focus, while it dissolves."""
    return blurred(blended(old, new, share), old[0].width * BLUR * sin(pi * share))


_WIPES: Final[Mapping[str, Callable[[Size, float], Box]]] = {
    "left": lambda size, share: (size[0] * (1 - share), 0, size[0], size[1]),
    "right": lambda size, share: (0, 0, size[0] * share, size[1]),
    "up": lambda size, share: (0, size[1] * (1 - share), size[0], size[1]),
    "down": lambda size, share: (0, 0, size[0], size[1] * share),
}


def _door(size: Size, share: float) -> Box:
    return size[0] / 2 * (1 - share), 0, size[0] / 2 * (1 + share), size[1]


TRANSITIONS: Final[Mapping[str, Transition]] = {
    DISSOLVE: blended,
    "dip_to_black": _dip(BLACK),
    "dip_to_white": _dip(WHITE),
    **{f"wipe_{side}": _wipe(_WIPES[side]) for side in SIDES},
    **{f"slide_{side}": _slide(side, together=False) for side in SIDES},
    **{f"push_{side}": _slide(side, together=True) for side in SIDES},
    "barn_door": _wipe(_door),
    "iris": _masked(_circle),
    "clock": _masked(_clock),
    "zoom": _zoomed,
    "blur": _blurred,
}
"""Name → how a picture becomes the next one. What moves, moves to the side that the name says."""
