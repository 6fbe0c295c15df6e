"""Rain, snow, fog and lightning, laid over a scene in the open, or behind its windows."""

from __future__ import annotations

from PIL import Image, ImageDraw

from callsheet.nodes.preview.drawing.palette import mixed
from callsheet.nodes.preview.drawing.stage import Stage
from callsheet.nodes.preview.random import Dice


def rain(stage: Stage) -> None:
    """Slanting lines, those close by longer."""
    mask = Image.new("L", stage.image.size)
    pen, dice = ImageDraw.Draw(mask), Dice("rain")
    width, height = stage.image.size
    for _ in range(420):
        x, y = dice.between(-0.1, 1.1) * width, dice.between(-0.1, 1) * height
        long = dice.between(0.02, 0.07) * height
        pen.line((x, y, x - long * 0.22, y + long), dice.whole(70, 150), max(1, stage.short // 620))
    stage.image.paste(mixed(stage.light.low, (235, 242, 250), 0.6), (0, 0), mask)


def storm(stage: Stage) -> None:
    bolt = ((0.71, 0.0), (0.68, 0.14), (0.705, 0.15), (0.66, 0.3), (0.69, 0.31), (0.65, 0.44))
    stage.glow((0.68, 0.2), 0.3, (214, 222, 255), 0.5)
    width, height = stage.image.size
    points = [(x * width, y * height) for x, y in bolt]
    ImageDraw.Draw(stage.image).line(points, (240, 244, 255), max(2, stage.short // 180), joint="curve")
    rain(stage)


def snow(stage: Stage) -> None:
    dice = Dice("snow")
    for _ in range(220):
        size = dice.between(0.0016, 0.006)
        stage.disc((dice.share(), dice.share()), size, (250, 252, 255), dice.between(0.5, 0.95))


def fog(stage: Stage) -> None:
    """Banks of haze, thickest above the ground."""
    width, height = stage.image.size
    column = Image.new("L", (1, 5))
    for y, share in enumerate((20, 70, 150, 120, 70)):
        column.putpixel((0, y), share)
    stage.image.paste(
        stage.light.low, (0, 0), column.resize((1, height), Image.Resampling.BICUBIC).resize((width, height))
    )
