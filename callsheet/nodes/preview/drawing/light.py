"""The light of a scene: its colours, by place, time of day and weather."""

from __future__ import annotations

from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, color, mixed
from callsheet.nodes.preview.drawing.stage import Light, Point
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.scene import Scene

SKIES: Final[dict[str, tuple[Color, Color, Color, Color, float]]] = {
    "day": ((88, 146, 203), (148, 194, 226), (224, 234, 232), (255, 249, 226), 0.08),
    "dawn": ((92, 122, 176), (216, 168, 172), (252, 220, 170), (255, 238, 196), 0.26),
    "dusk": ((50, 46, 96), (176, 90, 104), (250, 172, 98), (255, 216, 150), 0.36),
    "night": ((9, 14, 34), (20, 33, 68), (48, 70, 112), (232, 236, 246), 0.5),
}
"""Time → the sky from top to horizon, sun or moon, and how dark things are before it."""

EARTH: Final = {
    "sea": (0.56, 0.34), "beach": (0.11, 0.42), "underwater": (0.52, 0.5), "city": (0.61, 0.2),
    "street": (0.62, 0.14), "railway": (0.08, 0.14), "forest": (0.36, 0.32), "garden": (0.29, 0.38),
    "hills": (0.42, 0.24), "desert": (0.08, 0.5), "space": (0.66, 0.4), "sky": (0.58, 0.2),
}  # fmt: skip
"""Place in the open → hue and saturation of what stands there."""
WALLS: Final = {
    "room": (0.09, 0.3), "kitchen": (0.13, 0.28), "bedroom": (0.62, 0.22), "office": (0.55, 0.14),
    "hall": (0.07, 0.14), "stage": (0.95, 0.42), "carriage": (0.58, 0.2), "plain": (0.58, 0.05),
    "table": (0.08, 0.34),
}  # fmt: skip
"""Place under a roof → hue and saturation of its walls."""
LAMPS: Final[Color] = (255, 214, 150)
GREY: Final[Color] = (136, 143, 150)
VARIED: Final = 0.035
"""How far the hue of a place may be from the usual one."""
TAKES: Final = 0.02
"""How much the light of one take differs from that of another."""


def light_of(scene: Scene, dice: Dice, variant: int) -> Light:
    """The light of a scene. dice: of its place. variant: tells takes apart, a little."""
    shift = dice.between(-VARIED, VARIED) + Dice("take", variant).between(-TAKES, TAKES) * bool(variant)
    return _inside(scene, shift) if scene.is_inside else _outside(scene, shift)


def sun_of(scene: Scene, dice: Dice, variant: int) -> Point:
    """Where the light stands: near a third, never in the middle; low in the evening."""
    x = dice.pick((0.24, 0.31, 0.69, 0.76)) + Dice("sun", variant).between(-0.03, 0.03) * bool(variant)
    heights = {"day": (0.12, 0.2), "dawn": (0.36, 0.42), "dusk": (0.38, 0.44), "night": (0.14, 0.22)}
    return x, dice.between(*heights[scene.time])


def _outside(scene: Scene, shift: float) -> Light:
    high, middle, low, lamp, shade = SKIES[scene.time]
    hue, saturation = EARTH[scene.place]
    dark = {"day": 1.0, "dawn": 0.74, "dusk": 0.56, "night": 0.36}[scene.time]
    ground = color(hue + shift, 0.44 * dark, saturation)
    far = mixed(color(hue + shift, 0.52 * dark, saturation * 0.8), middle, 0.45)
    near = color(hue + shift + 0.03, 0.13 * (0.55 + dark / 2), saturation * 0.8)
    grey = {"storm": 0.72, "rain": 0.5, "fog": 0.55, "snow": 0.3}.get(scene.weather, 0.0)
    veil = mixed(GREY, (8, 10, 18), {"day": 0.0, "dawn": 0.15, "dusk": 0.4, "night": 0.72}[scene.time])
    if scene.weather == "storm":
        veil = mixed(veil, (30, 34, 44), 0.5)
    high, middle, low = (mixed(c, veil, grey) for c in (high, middle, low))
    if scene.weather == "snow":
        ground = mixed(ground, mixed((240, 244, 250), veil, 0.3 * (scene.time == "night")), 0.75 * dark + 0.1)
    haze = 0.5 if scene.weather == "fog" else 0.0
    near = mixed(near, low, haze * 0.4)
    return Light(high, middle, low, lamp, mixed(ground, low, haze * 0.5), mixed(far, low, haze), near, shade)


def _inside(scene: Scene, shift: float) -> Light:
    hue, saturation = WALLS[scene.place]
    lit = {"day": 0.66, "dawn": 0.56, "dusk": 0.44, "night": 0.28}[scene.time]
    lit = {"stage": 0.2, "plain": 0.3 + 0.86 * lit, "carriage": lit * 0.72, "hall": lit * 0.8}.get(
        scene.place, lit
    )
    wall = color(hue + shift, lit, saturation)
    return Light(
        high=mixed(wall, (0, 0, 0), 0.16),
        middle=wall,
        low=mixed(wall, LAMPS, 0.18),
        lamp=LAMPS if scene.time in ("night", "dusk") or scene.place == "stage" else (255, 246, 226),
        ground=color(hue + shift + 0.02, lit * 0.55, saturation * 1.1),
        far=mixed(wall, (0, 0, 0), 0.2),
        near=color(hue + shift, 0.1 + lit * 0.08, saturation * 0.7),
        shade={"day": 0.06, "dawn": 0.1, "dusk": 0.2, "night": 0.28}[scene.time],
    )
