"""Places in the open. Each draws on a stage that has its sky, back to front."""

from __future__ import annotations

from collections.abc import Callable
from math import pi, sin
from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, mixed
from callsheet.nodes.preview.drawing.stage import Pen, Point, Stage

Line = list[Point]


def ridge(stage: Stage, height: float, rise: float, roughness: float) -> Line:
    """A line of hills from left to right around `height`."""
    waves = [
        (rise / n, stage.dice.between(0.7, 1.3) * n * roughness, stage.dice.between(0, 2 * pi))
        for n in (1, 2, 5, 11)
    ]
    steps = [i / 120 for i in range(121)]
    return [(x, height + sum(a * sin(2 * pi * f * x + p) for a, f, p in waves)) for x in steps]


def below(line: Line) -> Line:
    """The area from a line to the foot of the picture."""
    return [*line, (1.0, 1.0), (0.0, 1.0)]


def layers(stage: Stage, count: int, top: float, draw: Callable[[float, float], None]) -> None:
    """Draw something `count` times, from far away at `top` to close by."""
    for i in range(count):
        near = i / (count - 1)
        draw(top + (0.9 - top) * near**1.4, near)


def hills(stage: Stage) -> None:
    rough = stage.dice.pick((0.5, 0.8, 1.3))

    def draw(height: float, near: float) -> None:
        tint = stage.light.depth(near * 0.7) if near < 1 else stage.light.on(stage.light.ground)
        stage.polygon(below(ridge(stage, height - 0.1 * (1 - near), 0.09 - 0.05 * near, rough)), tint)

    layers(stage, 5, stage.dice.between(0.42, 0.5), draw)


def desert(stage: Stage) -> None:
    def draw(height: float, near: float) -> None:
        tint = mixed(stage.light.far, stage.light.on(stage.light.ground), 0.25 + near * 0.75)
        line = ridge(stage, height, 0.035 + 0.03 * near, 0.35)
        stage.polygon(below(line), tint)
        shadow = [(x, y + 0.018 + 0.05 * near * abs(sin(3 * x + near))) for x, y in line]
        stage.polygon(below(shadow), mixed(tint, stage.light.near, 0.18))

    layers(stage, 4, stage.dice.between(0.52, 0.58), draw)


def sea(stage: Stage) -> None:
    horizon = 0.56
    _water(stage, horizon, 1.0)
    if stage.dice.share() < 0.6:
        _headland(stage, horizon)
    _pier(stage)


def beach(stage: Stage) -> None:
    horizon = 0.5
    _water(stage, horizon, 0.78)
    sand = stage.light.on((232, 208, 164))
    shore = [(x, y + 0.1 * x) for x, y in ridge(stage, 0.70, 0.012, 0.8)]
    stage.polygon(below([(x, y - 0.016) for x, y in shore]), mixed(stage.light.lamp, stage.light.low, 0.4))
    stage.polygon(below(shore), sand)
    stage.polygon(below([(x, y + 0.14) for x, y in shore]), mixed(sand, stage.light.near, 0.12))


def _water(stage: Stage, horizon: float, foot: float) -> None:
    deep = mixed(stage.light.on(stage.light.ground), stage.light.near, 0.3)
    for i in range(14):
        top = horizon + (foot - horizon) * (i / 14) ** 1.5
        shade = mixed(mixed(stage.light.low, stage.light.ground, 0.55), deep, i / 13)
        stage.area(0, top, 1, 1, shade)


def glitter(stage: Stage, horizon: float, foot: float) -> None:
    """A path of light on the water below the sun."""
    width = stage.image.width
    for i in range(46):
        share = (i / 46) ** 1.3
        y = horizon + 0.006 + (foot - horizon) * share
        x = stage.sun[0] + stage.dice.between(-1, 1) * (0.012 + 0.09 * share)
        tint = mixed(stage.light.lamp, stage.light.ground, 0.3 + 0.5 * stage.dice.share())
        wide = (0.02 + 0.07 * share) * stage.dice.between(0.4, 1)
        pen = Pen(stage.image, x * width, y * stage.image.height, stage.image.height)
        across = wide * width / stage.image.height
        pen.oval(0, 0, across, 0.003 + 0.007 * share, tint)


def _headland(stage: Stage, horizon: float) -> None:
    """A rock on the far side of the light."""
    right = stage.sun[0] < 0.5
    rock = [(0, -0.13), (0.07, -0.135), (0.14, -0.1), (0.2, -0.085), (0.27, -0.03), (0.36, 0.012), (0, 0.02)]
    stage.polygon([(1 - x if right else x, horizon + y) for x, y in rock], stage.light.depth(0.6))


def _pier(stage: Stage) -> None:
    """Planks at the foot of the picture, to stand on."""
    wood = stage.light.on((128, 104, 84))
    for i in range(5):
        top = 0.885 + i * 0.024
        stage.area(0, top, 1, top + 0.03, mixed(wood, stage.light.near, 0.1 + 0.14 * (i % 2)))
    for i in range(4):
        x = 0.06 + 0.29 * i
        stage.area(x, 0.82, x + 0.014, 0.9, mixed(wood, stage.light.near, 0.5))


def city(stage: Stage) -> None:
    def draw(height: float, near: float) -> None:
        x = -0.02
        while x < 1:
            wide = stage.dice.between(0.04, 0.085) * (0.8 + 0.7 * near)
            top = height - stage.dice.between(0.03, 0.3) * (1 - 0.35 * near)
            tint = stage.light.depth(0.15 + 0.7 * near)
            stage.area(x, top, x + wide, 1, tint)
            if near > 0.3:
                _windows(stage, (x, top), (x + wide, 0.98), 0.016, 0.3)
            x += wide + stage.dice.pick((0.0, 0.004, 0.02))

    layers(stage, 4, stage.dice.between(0.5, 0.56), draw)
    roof = mixed(stage.light.near, stage.light.ground, 0.22)
    stage.area(0, 0.86, 1, 1, roof)
    stage.area(0, 0.84, 1, 0.868, mixed(roof, stage.light.low, 0.16))


def _windows(stage: Stage, corner: Point, foot: Point, size: float, share: float) -> None:
    """Windows in rows; those of a night are lit, most of a day reflect the sky."""
    columns = max(2, round((foot[0] - corner[0]) / size))
    step = (foot[0] - corner[0]) / columns
    row, y = 0, corner[1] + 0.02
    while y < foot[1] - 0.03 and row < 24:
        for column in range(columns):
            if stage.dice.share() < share:
                x = corner[0] + step * (column + 0.28)
                lit = mixed(stage.light.lamp, stage.light.near, stage.dice.between(0.15, 0.55))
                stage.area(x, y, x + step * 0.46, y + 0.014, lit)
        row, y = row + 1, y + 0.03


def street(stage: Stage) -> None:
    """Two rows of houses towards a far end, a road between them."""
    vanish = (0.5, 0.54)
    stage.area(0, vanish[1], 1, 1, stage.light.on((112, 110, 112)))
    for side in (0, 1):
        _houses(stage, side, vanish)
    kerb = stage.light.on((168, 164, 160))
    for x in (0.0, 1.0):
        inner = 0.16 if x == 0 else 0.84
        foot = ((x, 1.0), (inner, 1.0), (vanish[0] + (x - 0.5) * 0.05, vanish[1]), (x, 0.7))
        stage.polygon(foot, kerb)
    for i in range(5):
        near = (i / 5) ** 1.6
        y = vanish[1] + (1 - vanish[1]) * near + 0.012
        stage.polygon(
            (
                (0.5 - 0.004 - 0.006 * near, y),
                (0.5 + 0.004 + 0.006 * near, y),
                (0.5 + 0.005 + 0.011 * near, y + 0.03 + 0.05 * near),
                (0.5 - 0.005 - 0.011 * near, y + 0.03 + 0.05 * near),
            ),
            mixed(kerb, stage.light.lamp, 0.3),
        )


def _houses(stage: Stage, side: int, vanish: Point) -> None:
    """Fronts of one side, the nearest last."""
    edges = (0.42, 0.355, 0.27, 0.15, -0.06)
    for i in range(4):
        inner, outer = edges[i], edges[i + 1]
        tint = mixed(stage.light.depth(0.25 + i * 0.16), stage.light.on(_front(stage)), 0.35)
        high = (stage.dice.between(0.9, 1.15), 0.34 + 0.25 * i)[1] * stage.dice.between(0.9, 1.15)

        def at(x: float, rise: float, inner: float = inner) -> Point:
            depth = (0.5 - x) / 0.5
            y = vanish[1] - rise * depth
            return (x if side == 0 else 1 - x), y

        top, foot = high * 1.15, -0.46
        stage.polygon((at(outer, top), at(inner, top), at(inner, foot), at(outer, foot)), tint)
        _shops(stage, at, (outer, inner), top, tint)


def _front(stage: Stage) -> Color:
    return stage.dice.pick(((188, 160, 138), (150, 158, 170), (176, 140, 128), (198, 184, 160)))


def _shops(stage: Stage, at: Callable[[float, float], Point], edges: Point, top: float, tint: Color) -> None:
    """Windows of a front, and a lit shop below them."""
    outer, inner = edges
    wide = (inner - outer) / 3
    for column in range(3):
        a = outer + wide * (column + 0.25)
        b = a + wide * 0.5
        for row in range(2 + (outer < 0.2)):
            low = 0.18 + row * 0.3
            if low + 0.2 > top:
                continue
            lit = stage.dice.share() < 0.35
            glass = stage.light.lamp if lit else stage.light.middle
            pane = mixed(glass, tint, 0.3)
            stage.polygon((at(a, low + 0.19), at(b, low + 0.19), at(b, low), at(a, low)), pane)
    a, b = outer + wide * 0.35, inner - wide * 0.35
    glow = mixed(stage.light.lamp, tint, 0.15)
    stage.polygon((at(a, 0.02), at(b, 0.02), at(b, -0.36), at(a, -0.36)), glow)
    awning = stage.light.on(stage.dice.pick(((176, 62, 54), (52, 106, 112), (204, 150, 60), (92, 74, 118))))
    stage.polygon(
        (at(a - 0.012, 0.08), at(b + 0.006, 0.08), at(b + 0.006, -0.02), at(a - 0.012, -0.02)), awning
    )


def railway(stage: Stage) -> None:
    hills_line = ridge(stage, 0.5, 0.03, 0.9)
    stage.polygon(below(hills_line), stage.light.depth(0.3))
    stage.polygon(below(ridge(stage, 0.58, 0.01, 0.7)), stage.light.on(stage.light.ground))
    bed = stage.light.on((120, 112, 106))
    stage.polygon(((0.47, 0.58), (0.53, 0.58), (0.86, 1), (0.14, 1)), bed)
    for i in range(12):
        near = (i / 12) ** 1.8
        y = 0.585 + 0.415 * near
        half = 0.03 + 0.3 * near
        stage.area(0.5 - half, y, 0.5 + half, y + 0.004 + 0.02 * near, mixed(bed, stage.light.near, 0.55))
    steel = mixed(stage.light.low, stage.light.near, 0.25)
    for side in (-1, 1):
        rail = ((0.5 + side * 0.012, 0.58), (0.5 + side * 0.016, 0.58))
        foot = ((0.5 + side * 0.262, 1.0), (0.5 + side * 0.235, 1.0))
        stage.polygon((*rail, *foot), steel)
    for x, y, tall in ((0.14, 0.78, 0.62), (0.27, 0.68, 0.34), (0.345, 0.635, 0.19)):
        mast = stage.light.depth(0.85)
        stage.area(x - 0.004 * tall / 0.3, y - tall, x + 0.004 * tall / 0.3, y, mast)
        stage.area(x, y - tall, x + 0.1 * tall / 0.3 * 0.5, y - tall + 0.008, mast)


def forest(stage: Stage) -> None:
    leafy = stage.dice.share() < 0.4

    def draw(height: float, near: float) -> None:
        tint = stage.light.depth(near)
        floor = mixed(tint, stage.light.on(stage.light.ground), 0.4 * near)
        for _ in range(round(26 - 13 * near)):
            tall = stage.dice.between(0.2, 0.36) * (0.7 + 1.1 * near)
            foot = stage.dice.between(-0.03, 1.03), height + 0.09
            (_tree if leafy else _pine)(stage, foot, tall, tint)
        stage.polygon(below(ridge(stage, height + 0.06, 0.012, 0.8)), floor)

    layers(stage, 4, stage.dice.between(0.48, 0.54), draw)


def _pine(stage: Stage, foot: Point, tall: float, fill: Color) -> None:
    pen = stage.pen(foot, tall)
    pen.box(-0.02, -0.05, 0.02, 0.3, fill)
    for i in range(4):
        top, wide = 1 - i * 0.2, 0.1 + i * 0.05
        pen.polygon(((0, top), (wide, top - 0.36), (-wide, top - 0.36)), fill)


def _tree(stage: Stage, foot: Point, tall: float, fill: Color) -> None:
    pen = stage.pen(foot, tall)
    pen.box(-0.025, -0.05, 0.025, 0.6, mixed(fill, stage.light.near, 0.3))
    for x, y, size in ((0, 0.76, 0.42), (-0.15, 0.62, 0.32), (0.16, 0.64, 0.34), (0.02, 0.55, 0.4)):
        pen.oval(x, y, size, size * 0.92, fill)


def garden(stage: Stage) -> None:
    stage.polygon(below(ridge(stage, 0.52, 0.03, 0.7)), stage.light.depth(0.3))
    green = stage.light.on(stage.light.ground)
    stage.polygon(below(ridge(stage, 0.6, 0.015, 0.5)), mixed(green, stage.light.far, 0.35))
    for x, tall in ((0.08, 0.4), (0.9, 0.46), (0.77, 0.24), (0.22, 0.2)):
        _tree(stage, (x, 0.6 + tall * 0.2), tall, mixed(green, stage.light.near, 0.45))
    stage.polygon(below(ridge(stage, 0.7, 0.012, 0.5)), green)
    path = ((0.52, 0.7), (0.55, 0.7), (0.72, 1), (0.38, 1))
    stage.polygon(path, stage.light.on((214, 196, 160)))
    for _ in range(70):
        x, y = stage.dice.share(), stage.dice.between(0.75, 1)
        if not 0.36 < x < 0.74:
            tint = stage.dice.pick(((236, 200, 96), (232, 120, 110), (244, 240, 232)))
            stage.disc((x, y), 0.002 + 0.006 * (y - 0.7), stage.light.on(tint))


def sky(stage: Stage) -> None:
    for row in range(3):
        y = 0.62 + row * 0.15
        for _ in range(9):
            x, size = stage.dice.share(), stage.dice.between(0.1, 0.2) * (0.7 + row * 0.4)
            tint = mixed(mixed(stage.light.low, (255, 255, 255), 0.4), stage.light.middle, 0.5 - row * 0.2)
            pen = stage.pen((x, y + 0.06), size)
            pen.oval(0, 0.3, 1.9, 0.6, stage.light.on(tint))
            pen.oval(0.3, 0.5, 0.9, 0.7, stage.light.on(tint))
    stage.area(0, 0.96, 1, 1, mixed(stage.light.low, stage.light.middle, 0.4))


def space(stage: Stage) -> None:
    night: Color = (7, 8, 18)
    stage.area(0, 0, 1, 1, night)
    stage.glow((0.3, 0.3), 0.5, (58, 44, 96), 0.5)
    stage.glow((0.85, 0.7), 0.4, (24, 70, 92), 0.5)
    for _ in range(170):
        at = stage.dice.share(), stage.dice.share()
        stage.disc(
            at, stage.dice.pick((0.0012, 0.0012, 0.002, 0.003)), (235, 238, 250), stage.dice.between(0.3, 1)
        )
    body = stage.light.on(stage.light.ground)
    center = (1 - stage.sun[0], 0.98)
    stage.glow(center, 0.42, mixed(body, (255, 255, 255), 0.4), 0.5)
    stage.disc(center, 0.46, mixed(body, night, 0.25))
    stage.disc((center[0] + 0.03, center[1] + 0.05), 0.44, mixed(body, night, 0.55))


def underwater(stage: Stage) -> None:
    deep = mixed((10, 62, 92), stage.light.near, 0.3)
    bright = mixed((96, 190, 206), stage.light.near, stage.light.shade)
    for i in range(20):
        stage.area(0, i / 20, 1, 1, mixed(bright, deep, (i / 19) ** 0.7))
    for x, wide in ((0.2, 0.08), (0.42, 0.05), (0.6, 0.1), (0.8, 0.06)):
        shaft = mixed(bright, deep, 0.35)
        stage.polygon(((x, 0), (x + wide, 0), (x + wide - 0.1, 0.75), (x - 0.2, 0.75)), shaft)
    stage.polygon(below(ridge(stage, 0.86, 0.02, 0.8)), mixed(deep, (214, 190, 140), 0.35))
    coral: Final = ((206, 98, 92), (222, 152, 84), (128, 92, 150))
    for _ in range(9):
        x = stage.dice.share()
        pen = stage.pen((x, 0.93), stage.dice.between(0.1, 0.24))
        tint = mixed(stage.dice.pick(coral), deep, 0.35)
        for lean in (-0.3, 0.0, 0.3):
            pen.line(((0, 0), (lean * 0.6, 0.5), (lean, 1)), 0.1, tint)
    for _ in range(24):
        stage.disc((stage.dice.share(), stage.dice.share()), stage.dice.between(0.002, 0.006), bright, 0.6)
