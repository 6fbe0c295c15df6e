"""Small things, as they stand on a table or are held. Each is as tall as its pen."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, mixed
from callsheet.nodes.preview.drawing.stage import Light, Pen

Draw = Callable[[Pen, Color, Light], None]
PAPER: Final[Color] = (246, 240, 226)


def bottle(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-0.21, 0, 0.21, 0.66, tint, 0.07)
    pen.box(-0.075, 0.6, 0.075, 0.86, tint, 0.02)
    pen.box(-0.095, 0.84, 0.095, 1, mixed(light.near, (210, 180, 120), 0.6), 0.02)
    pen.box(-0.21, 0.16, 0.21, 0.46, PAPER)
    pen.box(-0.12, 0.32, 0.12, 0.35, mixed(tint, (0, 0, 0), 0.3))
    pen.box(-0.08, 0.25, 0.08, 0.275, mixed(tint, (0, 0, 0), 0.3))
    pen.box(-0.17, 0.05, -0.12, 0.62, mixed(tint, (255, 255, 255), 0.5), 0.02)


def cup(pen: Pen, tint: Color, light: Light) -> None:
    pen.oval(0, 0.05, 1.3, 0.14, mixed(tint, (255, 255, 255), 0.5))
    pen.ring(0.42, 0.48, 0.36, 0.08, tint)
    pen.polygon(((-0.42, 0.78), (0.42, 0.78), (0.26, 0.06), (-0.26, 0.06)), tint)
    pen.oval(0, 0.78, 0.84, 0.18, mixed(tint, (255, 255, 255), 0.35))
    pen.oval(0, 0.78, 0.72, 0.13, (72, 44, 32))
    for x in (-0.14, 0.08):
        pen.line(
            ((x, 0.92), (x + 0.06, 1.02), (x, 1.12), (x + 0.06, 1.22)),
            0.03,
            mixed(light.low, (255, 255, 255), 0.4),
        )


def book(pen: Pen, tint: Color, light: Light) -> None:
    for side in (-1, 1):
        pen.polygon(
            ((0, 0.1), (side * 0.95, 0.2), (side * 0.85, 0.86), (0, 0.76)), mixed(tint, (0, 0, 0), 0.3)
        )
        pen.polygon(((0, 0.16), (side * 0.9, 0.26), (side * 0.8, 0.88), (0, 0.8)), PAPER)
        for row in range(5):
            y = 0.7 - row * 0.1
            pen.line(((side * 0.1, y), (side * 0.7, y + 0.07)), 0.018, (150, 140, 128))


def phone(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-0.28, 0, 0.28, 1, (28, 28, 34), 0.08)
    pen.box(-0.24, 0.07, 0.24, 0.93, mixed(tint, (190, 226, 240), 0.5), 0.03)
    pen.box(-0.18, 0.66, 0.18, 0.84, PAPER, 0.03)
    for row in range(3):
        pen.box(-0.18, 0.5 - row * 0.14, 0.1 + 0.04 * row, 0.57 - row * 0.14, PAPER, 0.02)


def lantern(pen: Pen, tint: Color, light: Light) -> None:
    pen.ring(0, 0.88, 0.34, 0.035, light.near)
    pen.box(-0.26, 0.66, 0.26, 0.76, light.near, 0.03)
    pen.box(-0.22, 0.14, 0.22, 0.68, light.lamp, 0.04)
    pen.oval(0, 0.36, 0.14, 0.3, (255, 246, 214))
    for x in (-0.22, 0.0, 0.22):
        pen.line(((x, 0.14), (x, 0.68)), 0.022, light.near)
    pen.box(-0.3, 0, 0.3, 0.14, light.near, 0.03)


def box(pen: Pen, tint: Color, light: Light) -> None:
    pen.box(-0.62, 0, 0.62, 0.72, tint, 0.05)
    pen.box(-0.68, 0.62, 0.68, 0.84, mixed(tint, (255, 255, 255), 0.2), 0.04)
    pen.box(-0.08, 0, 0.08, 0.84, mixed(tint, (255, 240, 200), 0.6))
    pen.ring(0, 0.9, 0.3, 0.05, mixed(tint, (0, 0, 0), 0.4))


def shoe(pen: Pen, tint: Color, light: Light) -> None:
    pen.polygon(((-0.8, 0.2), (-0.8, 0.9), (-0.3, 0.9), (0.0, 0.6), (0.6, 0.44), (0.9, 0.2)), tint)
    pen.oval(0.62, 0.28, 0.6, 0.36, tint)
    pen.box(-0.86, 0, 0.96, 0.2, (244, 242, 238), 0.08)
    pen.line(((-0.5, 0.3), (-0.1, 0.62), (0.3, 0.36)), 0.07, mixed(tint, (255, 255, 255), 0.7))
    for i in range(3):
        pen.line(((-0.16 + i * 0.13, 0.74 - i * 0.08), (-0.02 + i * 0.13, 0.78 - i * 0.08)), 0.03, PAPER)


def food(pen: Pen, tint: Color, light: Light) -> None:
    pen.oval(0, 0.1, 1.9, 0.28, PAPER)
    pen.box(-0.6, 0.12, 0.6, 0.56, light.on((214, 160, 96)), 0.1)
    pen.box(-0.62, 0.48, 0.62, 0.7, tint, 0.1)
    for x in (-0.4, 0, 0.4):
        pen.oval(x, 0.76, 0.2, 0.2, light.on((186, 44, 52)))


def wheel(pen: Pen, tint: Color, light: Light) -> None:
    dark = mixed((36, 36, 42), light.near, 0.2)
    pen.ring(0, 0.5, 1.7, 0.13, dark)
    for x, y in ((-0.72, 0.55), (0.72, 0.55), (0, -0.22)):
        pen.line(((0, 0.5), (x, y)), 0.12, dark)
    pen.oval(0, 0.5, 0.46, 0.46, mixed(dark, (120, 120, 126), 0.4))


def key(pen: Pen, tint: Color, light: Light) -> None:
    brass = light.on((206, 166, 86))
    pen.ring(-0.5, 0.5, 0.5, 0.1, brass)
    pen.line(((-0.25, 0.5), (0.75, 0.5)), 0.1, brass)
    for x in (0.5, 0.7):
        pen.line(((x, 0.5), (x, 0.28)), 0.09, brass)


def flower(pen: Pen, tint: Color, light: Light) -> None:
    pen.line(((0, 0.1), (0.02, 0.7)), 0.04, light.on((74, 120, 70)))
    pen.polygon(((0.02, 0.36), (0.26, 0.5), (0.1, 0.3)), light.on((88, 142, 78)))
    for x, y in ((-0.12, 0.74), (0.14, 0.74), (0, 0.9), (-0.1, 0.86), (0.12, 0.86)):
        pen.oval(x, y, 0.24, 0.24, tint)
    pen.oval(0.01, 0.81, 0.16, 0.16, light.on((246, 208, 96)))


def clock(pen: Pen, tint: Color, light: Light) -> None:
    pen.oval(0, 0.5, 1, 1, tint)
    pen.oval(0, 0.5, 0.82, 0.82, PAPER)
    for x, y in ((0, 0.84), (0.34, 0.5), (0, 0.16), (-0.34, 0.5)):
        pen.oval(x, y, 0.06, 0.06, (60, 56, 54))
    pen.line(((0, 0.5), (0.0, 0.76)), 0.04, (40, 36, 36))
    pen.line(((0, 0.5), (0.2, 0.58)), 0.05, (40, 36, 36))


OBJECTS: Final[dict[str, Draw]] = {
    "bottle": bottle, "cup": cup, "book": book, "phone": phone, "lantern": lantern, "box": box, "shoe": shoe,
    "food": food, "wheel": wheel, "key": key, "flower": flower, "clock": clock,
}  # fmt: skip
