"""Places under a roof. Each draws on a stage whose sky is the colour of its walls."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, mixed
from callsheet.nodes.preview.drawing.stage import Light, Point, Stage

FLOOR: Final = 0.74
WOOD: Final[Color] = (150, 108, 74)


def _shell(stage: Stage, floor: float = FLOOR) -> None:
    """Wall, floor, and the line between them."""
    stage.area(0, floor, 1, 1, stage.light.ground)
    for i in range(6):
        y = floor + (1 - floor) * (i / 6) ** 1.6
        stage.area(0, y, 1, y + 0.003, mixed(stage.light.ground, stage.light.near, 0.3))
    stage.area(0, floor - 0.022, 1, floor, mixed(stage.light.middle, stage.light.near, 0.4))
    stage.area(0, 0, 1, 0.03, mixed(stage.light.high, stage.light.near, 0.3))


def _window(stage: Stage, view: Light, left: float, top: float, wide: float, tall: float) -> None:
    """A window with what is outside, and the light it throws on the floor."""
    frame = mixed(stage.light.low, (255, 255, 255), 0.3)
    stage.area(left - 0.012, top - 0.02, left + wide + 0.012, top + tall + 0.02, frame)
    for i in range(10):
        y = top + tall * i / 10
        tint = mixed(view.high, view.low, i / 9)
        stage.area(left, y, left + wide, y + tall / 10 + 0.002, tint)
    stage.area(left, top + tall * 0.78, left + wide, top + tall, view.depth(0.5))
    stage.area(left + wide / 2 - 0.005, top, left + wide / 2 + 0.005, top + tall, frame)
    stage.area(left, top + tall * 0.46, left + wide, top + tall * 0.46 + 0.014, frame)
    if view.shade < 0.3:
        lit = mixed(stage.light.ground, view.lamp, 0.3)
        stage.polygon(((left, 0.8), (left + wide, 0.8), (left + wide + 0.09, 0.94), (left + 0.06, 0.94)), lit)


def _lamp(stage: Stage, at: Point, drop: float, size: float = 0.05) -> None:
    """A lamp that hangs from the ceiling, with its light."""
    stage.area(at[0] - 0.0015, 0, at[0] + 0.0015, at[1], stage.light.near)
    stage.glow((at[0], at[1] + 0.03), drop, stage.light.lamp, 0.55)
    half = stage.upright(size)
    stage.polygon(
        (
            (at[0] - half * 0.4, at[1] - size * 0.5),
            (at[0] + half * 0.4, at[1] - size * 0.5),
            (at[0] + half, at[1] + size * 0.5),
            (at[0] - half, at[1] + size * 0.5),
        ),
        stage.light.on((90, 70, 60)),
    )
    stage.area(
        at[0] - half * 0.9, at[1] + size * 0.42, at[0] + half * 0.9, at[1] + size * 0.55, stage.light.lamp
    )


def _table(stage: Stage, left: float, right: float, top: float) -> None:
    wood = stage.light.on(WOOD)
    foot = min(1.0, top + 0.24)
    for x in (left + 0.02, right - 0.035):
        stage.area(x, top, x + 0.015, foot, mixed(wood, stage.light.near, 0.35))
    stage.area(left, top, right, top + 0.022, wood)


def room(stage: Stage, view: Light) -> None:
    _shell(stage)
    left = stage.dice.pick((0.1, 0.6))
    _window(stage, view, left, 0.16, 0.26, 0.4)
    other = 0.6 if left < 0.5 else 0.08
    picture = stage.light.on(stage.dice.pick(((176, 120, 92), (88, 122, 132), (150, 142, 96))))
    stage.area(other + 0.02, 0.2, other + 0.16, 0.42, mixed(stage.light.near, WOOD, 0.5))
    stage.area(other + 0.03, 0.215, other + 0.15, 0.405, picture)
    sofa = stage.light.on(stage.dice.pick(((126, 74, 72), (74, 98, 104), (142, 122, 92), (86, 84, 110))))
    pen = stage.pen((other + 0.14, 0.83), 0.26)
    pen.box(-0.62, 0.25, 0.62, 1.0, sofa, 0.12)
    pen.box(-0.8, 0.0, -0.5, 0.72, mixed(sofa, stage.light.near, 0.2), 0.1)
    pen.box(0.5, 0.0, 0.8, 0.72, mixed(sofa, stage.light.near, 0.2), 0.1)
    pen.box(-0.6, 0.0, 0.6, 0.46, mixed(sofa, stage.light.lamp, 0.1), 0.08)
    x = other + (0.34 if other < 0.5 else -0.06)
    stage.area(x - 0.003, 0.4, x + 0.003, 0.84, stage.light.near)
    stage.glow((x, 0.36), 0.2, stage.light.lamp, 0.5)
    half = stage.upright(0.07)
    shade = ((x - half * 0.6, 0.3), (x + half * 0.6, 0.3), (x + half, 0.42), (x - half, 0.42))
    stage.polygon(shade, mixed(stage.light.lamp, (232, 180, 120), 0.4))


def kitchen(stage: Stage, view: Light) -> None:
    _shell(stage)
    _window(stage, view, 0.38, 0.16, 0.24, 0.28)
    front = stage.light.on(stage.dice.pick(((118, 146, 140), (176, 150, 116), (120, 132, 158))))
    for x in (0.02, 0.19, 0.67, 0.84):
        stage.area(x, 0.1, x + 0.15, 0.36, front)
        stage.area(x + 0.062, 0.3, x + 0.088, 0.312, stage.light.near)
    stage.area(0, 0.36, 1, 0.366, mixed(front, stage.light.near, 0.4))
    stage.area(0, 0.56, 1, 0.6, mixed(stage.light.low, (255, 255, 255), 0.35))
    for i in range(6):
        stage.area(i / 6 + 0.005, 0.61, (i + 1) / 6 - 0.005, FLOOR + 0.03, front)
        stage.area(i / 6 + 0.03, 0.63, i / 6 + 0.13, 0.638, stage.light.near)
    stage.pen((0.16, 0.56), 0.09).box(-0.4, 0, 0.4, 0.9, stage.light.on((176, 70, 58)), 0.2)
    stage.pen((0.84, 0.56), 0.12).box(-0.16, 0, 0.16, 1, stage.light.on((92, 122, 96)), 0.1)
    _lamp(stage, (0.5, 0.13), 0.34)


def bedroom(stage: Stage, view: Light) -> None:
    _shell(stage)
    _window(stage, view, 0.62, 0.14, 0.22, 0.36)
    linen = mixed(stage.light.low, (255, 255, 255), 0.5)
    pen = stage.pen((0.28, 0.9), 0.4)
    pen.box(-0.72, 0.1, 0.7, 0.95, stage.light.on(WOOD), 0.06)
    pen.box(-0.66, 0.05, 1.1, 0.45, linen, 0.1)
    pen.box(-0.2, 0.02, 1.12, 0.4, stage.light.on((108, 122, 160)), 0.1)
    pen.box(-0.6, 0.38, -0.22, 0.6, mixed(linen, (255, 255, 255), 0.5), 0.1)
    stage.area(0.56, 0.62, 0.6, 0.84, stage.light.on(WOOD))
    stage.glow((0.58, 0.58), 0.2, stage.light.lamp, 0.6)
    stage.pen((0.58, 0.62), 0.12).polygon(((-0.3, 0.3), (0.3, 0.3), (0.18, 1), (-0.18, 1)), stage.light.lamp)


def office(stage: Stage, view: Light) -> None:
    _shell(stage)
    _window(stage, view, 0.56, 0.14, 0.36, 0.36)
    case = stage.light.on(WOOD)
    stage.area(0.04, 0.1, 0.4, FLOOR, mixed(case, stage.light.near, 0.45))
    for row in range(4):
        top = 0.13 + row * 0.15
        stage.area(0.05, top + 0.125, 0.39, top + 0.137, case)
        x = 0.056
        while x < 0.37:
            wide = stage.dice.between(0.008, 0.02)
            tall = stage.dice.between(0.07, 0.115)
            tint = stage.dice.pick(
                ((162, 72, 62), (70, 104, 120), (196, 164, 98), (96, 116, 88), (148, 140, 150))
            )
            stage.area(x, top + 0.125 - tall, x + wide, top + 0.125, stage.light.on(tint))
            x += wide + 0.003
    _table(stage, 0.48, 0.94, 0.66)
    stage.pen((0.62, 0.66), 0.13).box(-0.7, 0.15, 0.7, 1, stage.light.near, 0.06)
    stage.pen((0.62, 0.66), 0.13).box(
        -0.62, 0.24, 0.62, 0.92, mixed(stage.light.lamp, (120, 190, 210), 0.6), 0.03
    )
    stage.area(0.615, 0.63, 0.625, 0.66, stage.light.near)
    _lamp(stage, (0.82, 0.2), 0.22, 0.04)


def hall(stage: Stage, view: Light) -> None:
    """A corridor towards a lit end, with arches; stairs, where the word is of stairs, rise to the right."""
    far = (0.40, 0.32, 0.60, 0.62)
    wall, dark = stage.light.middle, stage.light.near
    stage.polygon(((0, 0), (1, 0), (far[2], far[1]), (far[0], far[1])), mixed(wall, dark, 0.5))
    stage.polygon(((0, 1), (1, 1), (far[2], far[3]), (far[0], far[3])), stage.light.ground)
    stage.polygon(((0, 0), (far[0], far[1]), (far[0], far[3]), (0, 1)), mixed(wall, dark, 0.22))
    stage.polygon(((1, 0), (far[2], far[1]), (far[2], far[3]), (1, 1)), mixed(wall, dark, 0.34))
    stage.area(*far, mixed(view.low, stage.light.lamp, 0.4))
    stage.glow((0.5, 0.46), 0.34, stage.light.lamp, 0.6)
    for i in range(4):
        share = (i + 0.6) / 4.4
        depth = share**1.7
        for side in (0, 1):
            inner, outer = far[0], 0.0
            x = inner + (outer - inner) * depth
            x = x if side == 0 else 1 - x
            top, foot = far[1] * (1 - depth), far[3] + (1 - far[3]) * depth
            half = 0.006 + 0.022 * depth
            stage.area(x - half, top, x + half, foot, mixed(wall, dark, 0.12 + 0.2 * side))
        left = far[0] * (1 - depth)
        beam = far[1] * (1 - depth)
        stage.area(left, beam, 1 - left, beam + 0.006 + 0.03 * depth, mixed(wall, dark, 0.45))


def stairs(stage: Stage, view: Light) -> None:
    """Steps that rise to a window."""
    _shell(stage, 0.9)
    _window(stage, view, 0.64, 0.1, 0.16, 0.3)
    stone = stage.light.on((176, 164, 150))
    for i in range(9):
        left, top = 0.08 + i * 0.085, 0.9 - i * 0.062
        stage.area(left, top, 1, top + 0.066, mixed(stone, stage.light.near, 0.1 + 0.035 * i))
        stage.area(left, top, 1, top + 0.01, mixed(stone, stage.light.lamp, 0.35))
    rail = mixed(stage.light.near, WOOD, 0.35)
    stage.polygon(((0.06, 0.62), (0.075, 0.62), (0.86, 0.045), (0.845, 0.045)), rail)
    for i in range(10):
        x = 0.07 + i * 0.085
        stage.area(x, 0.61 - i * 0.062, x + 0.006, 0.9 - i * 0.062, rail)
    stage.glow((0.3, 0.3), 0.3, stage.light.lamp, 0.4)


def stage_of_theatre(stage: Stage, view: Light) -> None:
    stage.area(0, 0, 1, 1, mixed(stage.light.middle, (0, 0, 0), 0.6))
    for x, foot in ((0.28, 0.34), (0.5, 0.5), (0.72, 0.66)):
        for spread, tint in ((0.17, 0.16), (0.1, 0.28)):
            beam = mixed(stage.light.middle, stage.light.lamp, tint)
            stage.polygon(((x - 0.01, 0), (x + 0.01, 0), (foot + spread, 0.84), (foot - spread, 0.84)), beam)
    boards = stage.light.on((132, 92, 64))
    stage.polygon(((0.06, 0.78), (0.94, 0.78), (1, 1), (0, 1)), boards)
    stage.pen((0.5, 0.9), 0.1).oval(0, 0.3, 5.4, 0.9, mixed(boards, stage.light.lamp, 0.5))
    red = stage.light.on((134, 30, 40))
    for side in (0, 1):
        for i in range(4):
            x = i * 0.045
            a, b = (x, x + 0.05) if side == 0 else (1 - x - 0.05, 1 - x)
            stage.area(a, 0, b, 0.86 - 0.015 * i, mixed(red, (0, 0, 0), 0.12 + 0.2 * (i % 2)))
    stage.area(0, 0, 1, 0.09, mixed(red, (0, 0, 0), 0.25))


def carriage(stage: Stage, view: Light) -> None:
    """Inside of a bus, a train or a car: windows along the side, seats, a bar to hold."""
    for i in range(3):
        left = 0.04 + i * 0.33
        _pane(stage, view, left, 0.16, 0.27, 0.4)
    panel = mixed(stage.light.middle, stage.light.near, 0.35)
    stage.area(0, 0.6, 1, 1, panel)
    stage.area(0, 0.585, 1, 0.61, mixed(stage.light.low, (255, 255, 255), 0.2))
    stage.area(0, 0, 1, 0.1, mixed(stage.light.low, stage.light.near, 0.3))
    stage.area(0, 0.055, 1, 0.075, stage.light.lamp)
    stage.glow((0.5, 0.06), 0.6, stage.light.lamp, 0.3)
    seat = stage.light.on(stage.dice.pick(((150, 52, 56), (52, 86, 130), (58, 112, 96))))
    for i in range(4):
        pen = stage.pen((0.13 + i * 0.27, 1.02), 0.42)
        pen.box(-0.26, 0, 0.26, 0.98, mixed(seat, stage.light.near, 0.12), 0.1)
        pen.box(-0.14, 0.86, 0.14, 1.06, mixed(seat, stage.light.near, 0.3), 0.06)
    for x in (0.345, 0.675):
        stage.area(x - 0.004, 0.1, x + 0.004, 0.7, mixed(stage.light.low, (230, 190, 90), 0.6))


def _pane(stage: Stage, view: Light, left: float, top: float, wide: float, tall: float) -> None:
    stage.area(left - 0.01, top - 0.02, left + wide + 0.01, top + tall + 0.02, stage.light.near)
    for i in range(10):
        y = top + tall * i / 10
        stage.area(left, y, left + wide, y + tall / 10 + 0.002, mixed(view.high, view.low, i / 9))
    x = left
    while x < left + wide - 0.03:
        step = stage.dice.between(0.03, 0.06)
        high = stage.dice.between(0.06, 0.2)
        right = min(left + wide, x + step)
        stage.area(x, top + tall - high, right, top + tall, view.depth(0.6))
        for _ in range(3):
            at = (
                stage.dice.between(x, right - 0.008),
                stage.dice.between(top + tall - high, top + tall - 0.02),
            )
            stage.area(at[0], at[1], at[0] + 0.007, at[1] + 0.012, mixed(view.lamp, view.near, 0.3))
        x += step


def plain(stage: Stage, view: Light) -> None:
    """A studio: a curved backdrop and a soft pool of light."""
    stage.glow((0.5, 0.4), 0.75, (255, 255, 255), 0.45)
    floor = mixed(stage.light.middle, stage.light.near, 0.12)
    for i in range(12):
        y = 0.72 + 0.28 * (i / 12)
        stage.area(0, y, 1, 1, mixed(stage.light.low, floor, (i / 11) ** 0.8))


def table(stage: Stage, view: Light) -> None:
    """A table top that one looks along."""
    stage.glow((0.5, 0.3), 0.6, stage.light.lamp, 0.4)
    for _ in range(14):
        at = stage.dice.between(0, 1), stage.dice.between(0.05, 0.5)
        stage.disc(at, stage.dice.between(0.02, 0.07), mixed(stage.light.lamp, stage.light.low, 0.4), 0.25)
    wood = stage.light.on(WOOD)
    stage.area(0, 0.66, 1, 1, wood)
    for i in range(6):
        y = 0.66 + 0.34 * (i / 6) ** 1.5
        stage.area(0, y, 1, y + 0.003 + 0.004 * i / 6, mixed(wood, stage.light.near, 0.28))
    stage.area(0, 0.652, 1, 0.664, mixed(wood, stage.light.lamp, 0.45))
