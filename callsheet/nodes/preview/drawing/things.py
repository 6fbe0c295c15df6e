"""Large things: vehicles, animals, buildings. Each stands on the foot of its pen, which is as tall as it
is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, mixed
from callsheet.nodes.preview.drawing.stage import Light, Pen

GLASS: Final[Color] = (150, 186, 200)
TYRE: Final[Color] = (30, 30, 34)

Draw = Callable[[Pen, Color, Light], None]


def _wheel(pen: Pen, x: float, size: float) -> None:
    pen.oval(x, size / 2, size, size, TYRE)
    pen.oval(x, size / 2, size * 0.5, size * 0.5, (150, 152, 156))


def car(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-1.3, 0.18, 1.3, 0.62, tint, 0.14)
    pen.polygon(((-0.8, 0.58), (-0.5, 1), (0.4, 1), (0.82, 0.58)), tint)
    glass = mixed(GLASS, light.low, 0.3)
    pen.polygon(((-0.66, 0.6), (-0.44, 0.92), (-0.08, 0.92), (-0.08, 0.6)), glass)
    pen.polygon(((0.0, 0.6), (0.0, 0.92), (0.36, 0.92), (0.66, 0.6)), glass)
    pen.oval(1.22, 0.46, 0.12, 0.14, light.lamp)
    for x in (-0.74, 0.74):
        _wheel(pen, x, 0.42)


def bus(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-1.4, 0.12, 1.4, 1, tint, 0.09)
    glass = mixed(light.lamp, GLASS, 0.4)
    for i in range(6):
        pen.box(-1.3 + i * 0.42, 0.5, -0.95 + i * 0.42, 0.86, glass, 0.03)
    pen.box(1.2, 0.2, 1.34, 0.86, glass, 0.03)
    pen.box(-1.4, 0.3, 1.4, 0.36, mixed(tint, (255, 255, 255), 0.5))
    for x in (-0.9, 0.85):
        _wheel(pen, x, 0.27)


def train(pen: Pen, tint: Color, light: Light) -> None:
    for i in range(3):
        left = -3.0 + i * 2.04
        pen.box(left, 0.14, left + 1.98, 0.98, tint, 0.1)
        for k in range(4):
            x = left + 0.14 + k * 0.44
            pen.box(x, 0.48, x + 0.32, 0.82, mixed(light.lamp, GLASS, 0.2), 0.03)
        pen.box(left, 0.3, left + 1.98, 0.36, mixed(tint, (255, 255, 255), 0.55))
        for x in (left + 0.35, left + 1.6):
            _wheel(pen, x, 0.2)
    pen.polygon(((3.0, 0.14), (3.5, 0.14), (3.3, 0.8), (3.0, 0.98)), tint)
    pen.oval(3.38, 0.34, 0.12, 0.1, light.lamp)


def boat(pen: Pen, tint: Color, light: Light) -> None:
    hull = mixed(tint, (0, 0, 0), 0.15)
    pen.polygon(((-0.7, 0.22), (0.8, 0.22), (0.56, 0), (-0.52, 0)), hull)
    pen.line(((0, 0.2), (0, 1)), 0.025, mixed(light.near, (160, 130, 100), 0.4))
    sail = light.on((242, 236, 222))
    pen.polygon(((0.04, 0.28), (0.04, 0.97), (0.6, 0.3)), sail)
    pen.polygon(((-0.04, 0.3), (-0.04, 0.84), (-0.44, 0.32)), mixed(sail, light.near, 0.14))


def plane(pen: Pen, tint: Color, light: Light) -> None:
    shell = light.on((236, 238, 242))
    pen.box(-1.5, 0.42, 1.4, 0.66, shell, 0.12)
    pen.polygon(((1.2, 0.42), (1.75, 0.5), (1.2, 0.66)), shell)
    pen.polygon(((-1.5, 0.6), (-1.75, 1), (-1.42, 1), (-1.05, 0.62)), tint)
    pen.polygon(((0.25, 0.5), (-0.5, 0.0), (-0.75, 0.0), (-0.3, 0.5)), mixed(shell, light.near, 0.35))
    for i in range(9):
        pen.oval(-0.95 + i * 0.22, 0.57, 0.07, 0.07, GLASS)


def bicycle(pen: Pen, tint: Color, light: Light) -> None:
    for x in (-0.5, 0.5):
        pen.ring(x, 0.34, 0.66, 0.04, light.near)
    pen.line(((-0.5, 0.34), (-0.12, 0.34), (0.36, 0.76), (-0.22, 0.76), (-0.12, 0.34)), 0.045, tint)
    pen.line(((0.5, 0.34), (0.34, 0.9), (0.5, 0.96)), 0.045, tint)
    pen.line(((-0.5, 0.34), (-0.22, 0.76), (-0.25, 0.88)), 0.045, tint)
    pen.box(-0.37, 0.87, -0.12, 0.93, light.near, 0.03)


def rocket(pen: Pen, tint: Color, light: Light) -> None:
    pen.polygon(((-0.12, 0.1), (0.12, 0.1), (0, -0.22)), (255, 190, 90))
    pen.polygon(((-0.14, 0.3), (-0.3, 0.06), (-0.1, 0.12)), tint)
    pen.polygon(((0.14, 0.3), (0.3, 0.06), (0.1, 0.12)), tint)
    pen.box(-0.15, 0.1, 0.15, 0.8, light.on((238, 240, 244)), 0.1)
    pen.polygon(((-0.14, 0.74), (0, 1), (0.14, 0.74)), tint)
    pen.oval(0, 0.6, 0.14, 0.14, GLASS)


def balloon(pen: Pen, tint: Color, light: Light) -> None:
    pen.oval(0, 0.64, 0.68, 0.72, tint)
    pen.oval(0, 0.64, 0.3, 0.72, mixed(tint, (255, 255, 255), 0.35))
    for x in (-0.1, 0.1):
        pen.line(((x * 2, 0.33), (x, 0.12)), 0.008, light.near)
    pen.box(-0.1, 0, 0.1, 0.13, light.on((140, 100, 66)), 0.02)


def _beast(pen: Pen, coat: Color, neck: float, legs: float, ears: float) -> None:
    """A four-legged animal that looks to the right."""
    dark = mixed(coat, (0, 0, 0), 0.22)
    for x in (-0.42, -0.26, 0.22, 0.36):
        pen.line(((x, legs + 0.12), (x + 0.02, 0.02)), 0.09, dark if x in (-0.26, 0.22) else coat)
    pen.box(-0.52, legs, 0.46, legs + 0.36, coat, 0.17)
    pen.line(((-0.48, legs + 0.28), (-0.68, legs + 0.34)), 0.06, coat)
    pen.line(((0.36, legs + 0.24), (0.54, neck)), 0.17, coat)
    pen.oval(0.62, neck + 0.02, 0.38, 0.26, coat)
    pen.polygon(((0.48, neck + 0.1), (0.5, neck + 0.1 + ears), (0.6, neck + 0.12)), dark)
    pen.oval(0.66, neck + 0.05, 0.04, 0.04, (20, 16, 16))
    pen.oval(0.8, neck, 0.06, 0.05, (30, 24, 24))


def dog(pen: Pen, tint: Color, light: Light) -> None:
    _beast(pen, light.on((176, 126, 82)), 0.82, 0.34, 0.16)


def horse(pen: Pen, tint: Color, light: Light) -> None:
    coat = light.on((122, 78, 52))
    _beast(pen, coat, 0.92, 0.46, 0.12)
    pen.line(((0.38, 0.8), (0.5, 1.02)), 0.07, mixed(coat, (0, 0, 0), 0.5))


def cat(pen: Pen, tint: Color, light: Light) -> None:
    coat = light.on((208, 138, 74))
    dark = mixed(coat, (60, 30, 10), 0.35)
    pen.line(((0.3, 0.08), (0.62, 0.12), (0.66, 0.4)), 0.1, dark)
    pen.oval(0, 0.32, 0.68, 0.64, coat)
    pen.oval(-0.04, 0.72, 0.5, 0.44, coat)
    for x in (-0.2, 0.12):
        pen.polygon(((x - 0.1, 0.84), (x, 1.04), (x + 0.12, 0.86)), coat)
        pen.oval(x + 0.01, 0.74, 0.06, 0.08, (40, 60, 30))
    pen.polygon(((-0.08, 0.66), (0.0, 0.66), (-0.04, 0.62)), (190, 90, 90))


def bird(pen: Pen, tint: Color, light: Light) -> None:
    ink = mixed(light.near, (250, 250, 250), 0.15)
    for x, y, size in ((0, 0.2, 1.0), (0.9, 0.62, 0.62), (-0.8, 0.7, 0.5), (1.5, 0.1, 0.42)):
        wing = 0.42 * size
        pen.line(((x - wing, y + 0.24 * size), (x - wing * 0.4, y + 0.3 * size), (x, y)), 0.06 * size, ink)
        pen.line(((x, y), (x + wing * 0.4, y + 0.3 * size), (x + wing, y + 0.24 * size)), 0.06 * size, ink)


def fish(pen: Pen, tint: Color, light: Light) -> None:
    pen.polygon(((-0.5, 0.5), (-0.95, 0.82), (-0.95, 0.18)), tint)
    pen.oval(0, 0.5, 1.3, 0.66, tint)
    pen.oval(0, 0.38, 1.0, 0.34, mixed(tint, (255, 255, 255), 0.4))
    pen.oval(0.4, 0.58, 0.1, 0.1, (20, 20, 24))


def lighthouse(pen: Pen, tint: Color, light: Light) -> None:
    wall = light.on((238, 234, 226))
    pen.polygon(((-0.36, -0.04), (0.36, -0.04), (0.2, 0.08), (-0.2, 0.08)), light.depth(0.8))
    pen.polygon(((-0.13, 0.04), (0.13, 0.04), (0.085, 0.8), (-0.085, 0.8)), wall)
    for low in (0.2, 0.5):
        a, b = 0.13 - 0.057 * low, 0.13 - 0.057 * (low + 0.13)
        pen.polygon(((-a, low), (a, low), (b, low + 0.13), (-b, low + 0.13)), light.on((182, 58, 50)))
    pen.box(-0.12, 0.79, 0.12, 0.82, light.near)
    pen.box(-0.065, 0.82, 0.065, 0.93, light.lamp)
    pen.polygon(((-0.09, 0.93), (0.09, 0.93), (0, 1)), light.on((120, 44, 42)))


def house(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-0.6, 0, 0.6, 0.56, light.on((222, 206, 180)))
    pen.polygon(((-0.72, 0.54), (0.72, 0.54), (0.42, 1), (-0.42, 1)), light.on((142, 74, 60)))
    pen.box(0.24, 0.8, 0.36, 1.08, light.on((130, 80, 70)))
    pen.box(-0.1, 0, 0.12, 0.36, light.on((94, 70, 56)))
    for x in (-0.42, 0.3):
        pen.box(x, 0.18, x + 0.18, 0.38, light.lamp)


def robot(pen: Pen, tint: Color, light: Light) -> None:
    steel = light.on((172, 182, 192))
    for x in (-0.14, 0.14):
        pen.box(x - 0.06, 0, x + 0.06, 0.3, mixed(steel, light.near, 0.3), 0.03)
    pen.box(-0.26, 0.26, 0.26, 0.68, steel, 0.06)
    for x in (-0.34, 0.34):
        pen.box(x - 0.05, 0.3, x + 0.05, 0.64, mixed(steel, light.near, 0.3), 0.04)
    pen.box(-0.18, 0.7, 0.18, 0.96, steel, 0.05)
    for x in (-0.07, 0.09):
        pen.oval(x, 0.84, 0.08, 0.08, (110, 214, 230))
    pen.line(((0, 0.96), (0, 1.04)), 0.02, steel)


def tree(pen: Pen, tint: Color, light: Light) -> None:
    trunk, leaf = light.on((104, 76, 56)), light.on((84, 128, 70))
    pen.polygon(((-0.07, 0), (0.07, 0), (0.035, 0.55), (-0.035, 0.55)), trunk)
    pen.line(((0, 0.42), (0.16, 0.6)), 0.03, trunk)
    pen.line(((0, 0.46), (-0.15, 0.64)), 0.03, trunk)
    for x, y, size in ((0, 0.78, 0.44), (-0.2, 0.66, 0.34), (0.21, 0.66, 0.36), (0.02, 0.6, 0.42)):
        pen.oval(x, y, size, size * 0.9, leaf)
    for x, y, size in ((-0.06, 0.84, 0.2), (0.16, 0.72, 0.16), (-0.22, 0.72, 0.14)):
        pen.oval(x, y, size, size * 0.8, mixed(leaf, light.lamp, 0.22))


def fire(pen: Pen, tint: Color, light: Light) -> None:
    for lean in (-0.5, 0.5):
        pen.line(((-lean, 0.04), (lean, 0.2)), 0.11, light.on((92, 64, 48)))
    for w, high, flame in (
        (0.42, 1.0, (226, 92, 40)),
        (0.28, 0.74, (248, 160, 58)),
        (0.15, 0.46, (255, 226, 140)),
    ):
        tips = (
            (-w, 0.14),
            (-w * 0.7, 0.14 + high * 0.4),
            (0.0, 0.1 + high),
            (w * 0.7, 0.14 + high * 0.35),
            (w, 0.14),
        )
        pen.polygon(tips, flame)


THINGS: Final[dict[str, tuple[Draw, float, float, float]]] = {
    "car": (car, 0.17, 0.94, 0.3), "bus": (bus, 0.3, 0.94, 0.36),
    "train": (train, 0.24, 0.9, 0.55), "boat": (boat, 0.34, 0.72, 0.5),
    "plane": (plane, 0.16, 0.36, 0.55), "bicycle": (bicycle, 0.22, 0.95, 0.35),
    "rocket": (rocket, 0.56, 0.72, 0.55), "balloon": (balloon, 0.44, 0.6, 0.35),
    "dog": (dog, 0.22, 0.95, 0.3), "cat": (cat, 0.2, 0.95, 0.7),
    "horse": (horse, 0.42, 0.95, 0.4), "bird": (bird, 0.12, 0.3, 0.6),
    "fish": (fish, 0.2, 0.55, 0.5), "lighthouse": (lighthouse, 0.5, 0.56, 0.16),
    "house": (house, 0.3, 0.68, 0.3), "tree": (tree, 0.5, 0.86, 0.4), "fire": (fire, 0.2, 0.95, 0.5),
    "robot": (robot, 0.5, 0.95, 0.5),
}  # fmt: skip
"""Thing → how it is drawn, its height, the place of its foot, and where across, as shares of the picture."""
