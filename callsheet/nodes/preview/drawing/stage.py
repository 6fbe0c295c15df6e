"""What scenes are drawn on: a picture, its colours, and a pen that keeps proportions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from PIL import Image, ImageDraw

from callsheet.nodes.preview.drawing.palette import Color, mixed
from callsheet.nodes.preview.random import Dice

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Light:
    """The colours of a scene. high, middle, low: the sky from top to horizon, or the walls of a room. lamp:
    sun, moon or lamp. ground: what one stands on. far, near: shapes in the haze and close by. shade: 0..1,
    how much of what is lit lies in the colour of `near`."""

    high: Color
    middle: Color
    low: Color
    lamp: Color
    ground: Color
    far: Color
    near: Color
    shade: float

    def depth(self, share: float) -> Color:
        """The colour of a shape: 0 far away in the haze, 1 close by."""
        return mixed(mixed(self.far, self.low, 0.35), self.near, share)

    def on(self, color: Color) -> Color:
        """A colour of a thing, as it looks in this light."""
        return mixed(color, self.near, self.shade)


@dataclass(frozen=True, slots=True)
class Stage:
    """image: what is drawn so far. sun: where the light stands, as shares of width and height. dice: of this
    place."""

    image: Image.Image
    light: Light
    sun: Point
    dice: Dice

    @property
    def short(self) -> int:
        return min(self.image.size)

    def area(self, left: float, top: float, right: float, bottom: float, fill: Color) -> None:
        """A rectangle, in shares of the picture."""
        self.polygon(((left, top), (right, top), (right, bottom), (left, bottom)), fill)

    def polygon(self, points: Sequence[Point], fill: Color) -> None:
        width, height = self.image.size
        ImageDraw.Draw(self.image).polygon([(x * width, y * height) for x, y in points], fill)

    def disc(self, center: Point, radius: float, fill: Color, strength: float = 1.0) -> None:
        """A true circle; `radius` is a share of the shorter side."""
        r = max(1, round(radius * self.short))
        mask = Image.new("L", (2 * r, 2 * r))
        ImageDraw.Draw(mask).ellipse((0, 0, 2 * r - 1, 2 * r - 1), fill=round(255 * strength))
        x, y = center[0] * self.image.width, center[1] * self.image.height
        self.image.paste(fill, (round(x) - r, round(y) - r), mask)

    def glow(self, center: Point, radius: float, fill: Color, strength: float) -> None:
        """Light that falls off around a place; `radius` is a share of the longer side."""
        width, height = self.image.size
        side = max(2, round(2 * radius * max(width, height)))
        falling = Image.radial_gradient("L").point(
            [round(max(0, 255 - 2 * v) * strength) for v in range(256)]
        )
        left, top = round(center[0] * width - side / 2), round(center[1] * height - side / 2)
        seen = max(0, left), max(0, top), min(width, left + side), min(height, top + side)
        if seen[0] >= seen[2] or seen[1] >= seen[3]:
            return
        share = falling.width / side
        part = (
            (seen[0] - left) * share,
            (seen[1] - top) * share,
            (seen[2] - left) * share,
            (seen[3] - top) * share,
        )
        room = seen[2] - seen[0], seen[3] - seen[1]
        self.image.paste(fill, seen, falling.resize(room, Image.Resampling.BILINEAR, part))

    def pen(self, foot: Point, height: float) -> Pen:
        """A pen for a thing that stands at `foot`, in shares of the picture. height: of the thing, as a
        share of the height of the picture."""
        width, tall = self.image.size
        return Pen(self.image, foot[0] * width, foot[1] * tall, height * tall)

    def upright(self, height: float) -> float:
        """The width of a square of `height`, as a share of the width of the picture."""
        return height * self.image.height / self.image.width


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws one thing in its own proportions: x from its middle to the right, y from its foot upwards, both
    as shares of its height. mirrored: turned to the left."""

    image: Image.Image
    x: float
    y: float
    scale: float
    mirrored: bool = False
    only: Color | None = None

    def turned(self, mirrored: bool) -> Pen:
        return replace(self, mirrored=mirrored != self.mirrored)

    def part(self, x: float, y: float, scale: float) -> Pen:
        """A pen for a part that stands at a place of this thing, so many times as tall."""
        px, py = self._at((x, y))
        return replace(self, x=px, y=py, scale=self.scale * scale)

    def rim(self, color: Color, across: float) -> Pen:
        """A pen that draws the same in one colour, moved aside by a share of the height."""
        return replace(self, x=self.x + across * self.scale, only=color)

    def polygon(self, points: Sequence[Point], fill: Color) -> None:
        ImageDraw.Draw(self.image).polygon([self._at(p) for p in points], self.only or fill)

    def box(
        self, left: float, low: float, right: float, high: float, fill: Color, round_by: float = 0
    ) -> None:
        """A rectangle with corners that are rounded by a share of the height."""
        (x0, y0), (x1, y1) = self._at((left, high)), self._at((right, low))
        corners = (min(x0, x1), y0, max(x0, x1), max(y0, y1))
        pen = ImageDraw.Draw(self.image)
        pen.rounded_rectangle(corners, round_by * self.scale, self.only or fill)

    def oval(self, x: float, y: float, width: float, height: float, fill: Color) -> None:
        (left, top), (right, bottom) = (
            self._at((x - width / 2, y + height / 2)),
            self._at((x + width / 2, y - height / 2)),
        )
        corners = (min(left, right), top, max(left, right), max(top, bottom))
        ImageDraw.Draw(self.image).ellipse(corners, self.only or fill)

    def ring(self, x: float, y: float, size: float, thick: float, color: Color) -> None:
        """A circle line."""
        (left, top), (right, bottom) = (
            self._at((x - size / 2, y + size / 2)),
            self._at((x + size / 2, y - size / 2)),
        )
        corners = (min(left, right), top, max(left, right), max(top, bottom))
        width = max(1, round(thick * self.scale))
        ImageDraw.Draw(self.image).ellipse(corners, outline=self.only or color, width=width)

    def line(self, points: Sequence[Point], thick: float, color: Color) -> None:
        """A line with round joints."""
        width = max(1, round(thick * self.scale))
        places = [self._at(p) for p in points]
        pen, tint = ImageDraw.Draw(self.image), self.only or color
        pen.line(places, tint, width, joint="curve")
        for x, y in (places[0], places[-1]):
            pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), tint)

    def _at(self, point: Point) -> Point:
        across = -point[0] if self.mirrored else point[0]
        return self.x + across * self.scale, self.y - point[1] * self.scale
