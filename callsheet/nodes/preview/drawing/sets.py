"""The sets that scenery is built from. Each draws on a stage, back to front.

Lengths are shares of the stage, 0..1 from the left top corner.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import hypot, pi, sin

from PIL import Image, ImageDraw, ImageFilter, ImageOps

from callsheet.nodes.preview.drawing.palette import Color, Palette, mixed
from callsheet.nodes.preview.random import Dice

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Stage:
    """image: what is drawn so far, the sky first. light: where the light stands."""

    image: Image.Image
    dice: Dice
    colors: Palette
    light: Point

    def polygon(self, points: Sequence[Point], fill: Color) -> None:
        ImageDraw.Draw(self.image).polygon([self.pixel(p) for p in points], fill)

    def ellipse(self, center: Point, width: float, height: float, fill: Color) -> None:
        (x, y), (w, h) = center, (width / 2, height / 2)
        ImageDraw.Draw(self.image).ellipse((*self.pixel((x - w, y - h)), *self.pixel((x + w, y + h))), fill)

    def disc(self, center: Point, radius: float, fill: Color, strength: float = 1.0) -> None:
        """A true circle; `radius` is a share of the shorter side."""
        r = max(1, round(radius * min(self.image.size)))
        mask = Image.new("L", (2 * r, 2 * r))
        ImageDraw.Draw(mask).ellipse((0, 0, 2 * r - 1, 2 * r - 1), fill=round(255 * strength))
        x, y = self.pixel(center)
        self.image.paste(fill, (round(x) - r, round(y) - r), mask)

    def pixel(self, point: Point) -> Point:
        return point[0] * self.image.width, point[1] * self.image.height

    def depth(self, share: float) -> Color:
        """The colour of a silhouette: 0 far away in the haze, 1 close by."""
        return mixed(mixed(self.colors.far, self.colors.low, 0.35), self.colors.near, share)


def ridge(stage: Stage, height: float, rise: float, roughness: float) -> list[Point]:
    """A line of hills from left to right around `height`."""
    waves = [
        (rise / n, stage.dice.between(0.7, 1.3) * n * roughness, stage.dice.between(0, 2 * pi))
        for n in (1, 2, 5, 11)
    ]
    steps = [i / 160 for i in range(161)]
    return [(x, height + sum(a * sin(2 * pi * f * x + p) for a, f, p in waves)) for x in steps]


def _down(line: list[Point]) -> list[Point]:
    """The area from a line to the foot of the stage."""
    return [*line, (1.0, 1.0), (0.0, 1.0)]


def _layers(stage: Stage, count: int, top: float, draw: Callable[[float, float], None]) -> None:
    for i in range(count):
        near = i / (count - 1)
        draw(top + (0.92 - top) * near**1.4, near)


def hills(stage: Stage) -> None:
    stage.disc(stage.light, 0.07, stage.colors.light)
    rough = stage.dice.pick((0.5, 0.8, 1.3))

    def draw(height: float, near: float) -> None:
        line = ridge(stage, height, 0.05 + 0.03 * near, rough)
        stage.polygon(_down(line), stage.depth(near))

    _layers(stage, 5, stage.dice.between(0.42, 0.55), draw)


def sea(stage: Stage) -> None:
    stage.disc(stage.light, 0.075, stage.colors.light)
    horizon = stage.dice.between(0.54, 0.62)
    for i in range(14):
        top = horizon + (1 - horizon) * (i / 14) ** 1.5
        shade = mixed(mixed(stage.colors.middle, stage.colors.low, 0.4), stage.colors.near, i / 13)
        stage.polygon(((0, top), (1, top), (1, 1), (0, 1)), shade)
    _glitter(stage, horizon)
    _headland(stage, horizon)


def _glitter(stage: Stage, horizon: float) -> None:
    """The path of light on the water."""
    for i in range(46):
        share = (i / 46) ** 1.3
        y = horizon + 0.006 + (0.97 - horizon) * share
        x = stage.light[0] + stage.dice.between(-1, 1) * (0.012 + 0.09 * share)
        tint = mixed(stage.colors.light, stage.depth(share), 0.25 + 0.5 * stage.dice.share())
        stage.ellipse((x, y), (0.02 + 0.07 * share) * stage.dice.between(0.4, 1), 0.003 + 0.007 * share, tint)


def _headland(stage: Stage, horizon: float) -> None:
    """A rock on the far side of the light, with a tower on it."""
    right = stage.light[0] < 0.5
    side: Callable[[float], float] = (lambda x: 1 - x) if right else (lambda x: x)
    rock = [
        (0, -0.13),
        (0.07, -0.135),
        (0.14, -0.10),
        (0.2, -0.085),
        (0.27, -0.03),
        (0.34, 0.0),
        (0.36, 0.012),
        (0, 0.02),
    ]
    stage.polygon([(side(x), horizon + y) for x, y in rock], stage.depth(0.62))
    tower = [(0.098, -0.12), (0.106, -0.30), (0.126, -0.30), (0.134, -0.1)]
    stage.polygon([(side(x), horizon + y) for x, y in tower], stage.depth(0.75))
    stage.disc((side(0.116), horizon - 0.318), 0.022, stage.colors.light)


def city(stage: Stage) -> None:
    stage.disc(stage.light, 0.06, stage.colors.light)

    def draw(height: float, near: float) -> None:
        x = -0.02
        while x < 1:
            wide, top = (
                stage.dice.between(0.035, 0.085) * (0.8 + near),
                height - stage.dice.between(0.02, 0.26),
            )
            stage.polygon(((x, top), (x + wide, top), (x + wide, 1), (x, 1)), stage.depth(near))
            if near > 0.4:
                _windows(stage, x, top, wide)
            x += wide + stage.dice.pick((0.0, 0.004, 0.02))

    _layers(stage, 4, stage.dice.between(0.52, 0.6), draw)


def _windows(stage: Stage, left: float, top: float, wide: float) -> None:
    """Lit windows in rows, most of them dark."""
    columns = max(2, round(wide / 0.016))
    step = wide / columns
    for row in range(1, 13):
        for column in range(columns):
            if stage.dice.share() < 0.22:
                x, y = left + step * (column + 0.3), top + 0.028 * row
                lit = mixed(stage.colors.light, stage.colors.near, stage.dice.between(0.1, 0.5))
                stage.polygon(
                    ((x, y), (x + step * 0.42, y), (x + step * 0.42, y + 0.012), (x, y + 0.012)), lit
                )


def forest(stage: Stage) -> None:
    stage.disc(stage.light, 0.08, stage.colors.light)

    def draw(height: float, near: float) -> None:
        stage.polygon(_down(ridge(stage, height + 0.06, 0.012, 0.8)), stage.depth(near))
        for _ in range(round(26 - 15 * near)):
            tall = stage.dice.between(0.12, 0.26) * (0.7 + 0.9 * near)
            _pine(stage, (stage.dice.between(-0.03, 1.03), height + 0.1), tall, stage.depth(near))

    _layers(stage, 4, stage.dice.between(0.5, 0.58), draw)


def _pine(stage: Stage, foot: Point, tall: float, fill: Color) -> None:
    x, y = foot
    slim = tall * 0.20 * stage.image.height / stage.image.width * 1.2
    for i in range(4):
        top, wide = y - tall * (1 - i * 0.2), slim * (0.42 + i * 0.2)
        stage.polygon(((x, top), (x + wide, top + tall * 0.34), (x - wide, top + tall * 0.34)), fill)
    stage.polygon(((x - slim * 0.09, y - tall * 0.2), (x + slim * 0.09, y - tall * 0.2), (x, y + 0.02)), fill)


def room(stage: Stage) -> None:
    floor = stage.dice.between(0.66, 0.74)
    wall = mixed(stage.colors.high, stage.colors.middle, 0.35)
    stage.polygon(((0, 0), (1, 0), (1, floor), (0, floor)), wall)
    stage.polygon(((0, floor), (1, floor), (1, 1), (0, 1)), mixed(stage.colors.near, stage.colors.far, 0.3))
    stage.polygon(((0, floor - 0.012), (1, floor - 0.012), (1, floor), (0, floor)), stage.depth(0.7))
    left = 0.12 if stage.light[0] < 0.5 else 0.58
    _window(stage, left, floor)
    _furniture(stage, 0.62 if left < 0.5 else 0.14, floor)


def _window(stage: Stage, left: float, floor: float) -> None:
    """Four bright panes, and the light they throw across the floor."""
    for column in range(2):
        for row in range(2):
            x, y = left + column * 0.155, 0.12 + row * 0.215
            stage.polygon(
                ((x, y), (x + 0.14, y), (x + 0.14, y + 0.2), (x, y + 0.2)),
                mixed(stage.colors.light, stage.colors.low, 0.22 * row + 0.1 * column),
            )
            a, b = left + column * 0.2 - 0.02, floor + 0.04 + row * 0.12
            slant = 0.1 if left < 0.5 else -0.1
            pane = ((a, b), (a + 0.18, b), (a + 0.18 + slant, b + 0.1), (a + slant, b + 0.1))
            stage.polygon(pane, mixed(stage.colors.near, stage.colors.light, 0.45 - 0.15 * row))


def _furniture(stage: Stage, left: float, floor: float) -> None:
    """A table with a lamp."""
    dark = stage.depth(0.95)
    top = floor - 0.09
    stage.polygon(((left, top), (left + 0.28, top), (left + 0.28, top + 0.02), (left, top + 0.02)), dark)
    for x in (left + 0.02, left + 0.25):
        stage.polygon(((x, top), (x + 0.012, top), (x + 0.012, floor + 0.08), (x, floor + 0.08)), dark)
    x = left + 0.17
    stage.polygon(
        ((x - 0.003, top - 0.16), (x + 0.003, top - 0.16), (x + 0.003, top), (x - 0.003, top)), dark
    )
    shade = ((x - 0.02, top - 0.2), (x + 0.02, top - 0.2), (x + 0.045, top - 0.11), (x - 0.045, top - 0.11))
    stage.polygon(shade, mixed(stage.colors.light, stage.colors.accent, 0.35))


def figure(stage: Stage) -> None:
    """Head and shoulders before lights that are out of focus."""
    for _ in range(22):
        at = stage.dice.between(0, 1), stage.dice.between(0.02, 0.8)
        tint = mixed(stage.colors.light, stage.colors.accent, stage.dice.share())
        stage.disc(at, stage.dice.between(0.02, 0.085), tint, stage.dice.between(0.10, 0.34))
    soft = stage.image.filter(ImageFilter.GaussianBlur(min(stage.image.size) / 160))
    stage.image.paste(soft)
    x = 0.64 if stage.light[0] < 0.5 else 0.36
    _bust(stage, x, -0.012 if x > 0.5 else 0.012, mixed(stage.colors.light, stage.colors.accent, 0.4))
    _bust(stage, x, 0.0, stage.depth(0.92))


def _bust(stage: Stage, x: float, shift: float, fill: Color) -> None:
    """A person from the chest up; the same moved a little and in light makes a rim."""
    unit = min(stage.image.size) / stage.image.width
    tall = min(stage.image.size) / stage.image.height
    at = x + shift * unit
    base = 1 - 0.42 * tall
    stage.ellipse((at, base - 0.15 * tall), 0.25 * unit, 0.33 * tall, fill)
    stage.polygon(
        (
            (at - 0.06 * unit, base - 0.05 * tall),
            (at + 0.06 * unit, base - 0.05 * tall),
            (at + 0.08 * unit, base + 0.2 * tall),
            (at - 0.08 * unit, base + 0.2 * tall),
        ),
        fill,
    )
    stage.ellipse((at, base + 0.36 * tall), 0.68 * unit, 0.52 * tall, fill)
    stage.polygon(
        (
            (at - 0.34 * unit, base + 0.36 * tall),
            (at + 0.34 * unit, base + 0.36 * tall),
            (at + 0.37 * unit, 1),
            (at - 0.37 * unit, 1),
        ),
        fill,
    )


def space(stage: Stage) -> None:
    night = mixed(stage.colors.near, (4, 5, 10), 0.55)
    stage.image.paste(Image.blend(stage.image, Image.new("RGB", stage.image.size, night), 0.62))
    for _ in range(150):
        at = stage.dice.share(), stage.dice.share()
        stage.disc(
            at,
            stage.dice.pick((0.0012, 0.0012, 0.002, 0.0032)),
            stage.colors.light,
            stage.dice.between(0.3, 1),
        )
    center, radius = (1 - stage.light[0], stage.dice.between(0.5, 0.62)), stage.dice.between(0.22, 0.32)
    stage.disc(center, radius * 1.05, mixed(stage.colors.accent, stage.colors.light, 0.4), 0.3)
    _planet(stage, center, radius, night)
    stage.disc(stage.light, 0.045, stage.colors.light)


def _planet(stage: Stage, center: Point, radius: float, night: Color) -> None:
    """A ball, bright where it faces the light."""
    r = max(2, round(radius * min(stage.image.size)))
    (x, y), (light_x, light_y) = stage.pixel(center), stage.pixel(stage.light)
    away = max(1.0, hypot(light_x - x, light_y - y))
    falling = Image.radial_gradient("L").resize((4 * r, 4 * r))
    left, top = round(r - 0.8 * r * (light_x - x) / away), round(r - 0.8 * r * (light_y - y) / away)
    shade = falling.crop((left, top, left + 2 * r, top + 2 * r))
    ball = ImageOps.colorize(shade, stage.colors.light, night, mid=stage.colors.middle, midpoint=110)
    mask = Image.new("L", ball.size)
    ImageDraw.Draw(mask).ellipse((0, 0, 2 * r - 1, 2 * r - 1), fill=255)
    stage.image.paste(ball, (round(x) - r, round(y) - r), mask)
