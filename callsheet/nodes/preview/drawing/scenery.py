"""The picture of a scene: its place, who and what is in it, its light and weather, and no text.

Equal prompts give the same scene in every shape; the takes of one differ in their light.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Final

from PIL import Image, ImageFilter

from callsheet.nodes.preview.drawing import inside, outside, people, weather
from callsheet.nodes.preview.drawing.light import LAMPS, light_of, sun_of
from callsheet.nodes.preview.drawing.objects import OBJECTS
from callsheet.nodes.preview.drawing.palette import Color, color, mixed
from callsheet.nodes.preview.drawing.people import Look
from callsheet.nodes.preview.drawing.stage import Light, Pen, Stage
from callsheet.nodes.preview.drawing.things import THINGS
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.scene import Person, Scene, scene_of

Size = tuple[int, int]

LARGEST: Final = 2560
OVERSAMPLING: Final = 2
BLURS: Final = {"detail": 0.012, "close": 0.009, "medium": 0.004}
NOBODY: Final = Person("somebody")

OUTSIDE: Final[Mapping[str, Callable[[Stage], None]]] = {
    "sea": outside.sea, "beach": outside.beach, "underwater": outside.underwater, "city": outside.city,
    "street": outside.street, "railway": outside.railway, "forest": outside.forest, "garden": outside.garden,
    "hills": outside.hills, "desert": outside.desert, "space": outside.space, "sky": outside.sky,
}  # fmt: skip
INSIDE: Final[Mapping[str, Callable[[Stage, Light], None]]] = {
    "room": inside.room, "kitchen": inside.kitchen, "bedroom": inside.bedroom, "office": inside.office,
    "hall": inside.hall, "stage": inside.stage_of_theatre, "carriage": inside.carriage, "plain": inside.plain,
    "table": inside.table,
}  # fmt: skip
WEATHERS: Final = {"rain": weather.rain, "storm": weather.storm, "snow": weather.snow, "fog": weather.fog}
WATERS: Final = {"sea": (0.56, 0.87), "beach": (0.5, 0.67)}
"""Where the water of a place begins and ends."""
OUTDOORS: Final = ("lighthouse", "house", "plane", "rocket", "car", "bus", "train", "boat", "tree", "balloon")
"""Things that are not drawn inside of rooms."""
STAYING: Final = ("boat", "lighthouse", "plane", "bird", "balloon", "fire", "tree", "house")
"""Things that keep their place when people are there."""
SHAFTED: Final = ("sea", "beach", "hills", "forest", "desert", "garden")


@lru_cache(maxsize=4)
def plate(prompt: str, size: Size, variant: int = 0) -> Image.Image:
    """The picture of what a prompt says, of exactly `size` pixels. variant: tells takes apart. It is
    shared, so it must not be changed."""
    scene = scene_of(prompt)
    if not scene.is_named and scene.place == "hills":
        scene = replace(
            scene, place=Dice("anywhere", prompt).pick(("hills", "sea", "city", "forest", "garden"))
        )
    dice = Dice("place", scene.place, scene.spot)
    drawn = _drawing_size(size)
    stage = Stage(_sky(drawn, light_of(scene, dice, variant)), light_of(scene, dice, variant),
                  sun_of(scene, dice, variant), dice)  # fmt: skip
    _place(stage, scene)
    _soften(stage, scene)
    _subjects(stage, scene)
    if not scene.is_inside and scene.place != "space":
        WEATHERS.get(scene.weather, lambda _: None)(stage)
    return _vignette(_in_size(stage.image, size))


def _drawing_size(size: Size) -> Size:
    """Twice as large for smooth edges, within a bound."""
    scale = min(OVERSAMPLING, LARGEST / max(size))
    return max(2, round(size[0] * scale)), max(2, round(size[1] * scale))


def _in_size(image: Image.Image, size: Size) -> Image.Image:
    """The drawing in the size that is wanted; half of it is quickly made."""
    if image.size == (size[0] * OVERSAMPLING, size[1] * OVERSAMPLING):
        return image.reduce(OVERSAMPLING)
    return image if image.size == size else image.resize(size, Image.Resampling.BOX)


def _sky(size: Size, light: Light) -> Image.Image:
    column = Image.new("RGB", (1, 3))
    for y, tint in enumerate((light.high, light.middle, light.low)):
        column.putpixel((0, y), tint)
    return column.resize((1, size[1]), Image.Resampling.BICUBIC).resize(size, Image.Resampling.NEAREST)


def _place(stage: Stage, scene: Scene) -> None:
    if scene.is_inside:
        view = light_of(
            replace(scene, place="city" if scene.place == "office" else "garden"), Dice("view"), 0
        )
        if scene.place == "hall" and "stair" in scene.spot:
            inside.stairs(stage, view)
        else:
            INSIDE[scene.place](stage, view)
        return
    if scene.place not in ("space", "underwater"):
        _sun(stage, scene)
    OUTSIDE[scene.place](stage)
    if scene.place in WATERS and scene.weather in ("clear", "snow"):
        outside.glitter(stage, *WATERS[scene.place])
    if scene.time in ("dusk", "dawn") and scene.place in SHAFTED:
        stage.glow(stage.sun, 0.5, stage.light.lamp, 0.22)


def _sun(stage: Stage, scene: Scene) -> None:
    """Sun or moon, and stars at night; clouds hide them in bad weather."""
    hidden = scene.weather in ("rain", "storm", "fog")
    if scene.time == "night" and not hidden:
        dice = Dice("stars")
        for _ in range(90):
            at = dice.share(), dice.between(0, 0.5)
            stage.disc(at, dice.pick((0.001, 0.0014, 0.002)), (240, 242, 250), dice.between(0.3, 0.9))
    dim = hidden or scene.time == "night"
    stage.glow(stage.sun, 0.55, stage.light.lamp, 0.2 if dim else 0.5)
    if not hidden:
        stage.glow(stage.sun, 0.16, stage.light.lamp, 0.35 if dim else 0.6)
        stage.disc(stage.sun, 0.05 if scene.time != "night" else 0.036, stage.light.lamp)
    else:
        _clouds(stage)


def _clouds(stage: Stage) -> None:
    dice = Dice("clouds")
    for _ in range(16):
        pen = stage.pen((dice.share(), dice.between(0.02, 0.3)), dice.between(0.06, 0.13))
        pen.oval(0, 0.5, dice.between(3, 5), 1, mixed(stage.light.high, stage.light.middle, dice.share()))


def _soften(stage: Stage, scene: Scene) -> None:
    """What is behind a close shot is out of focus."""
    radius = BLURS.get(scene.size, 0.0) * stage.short
    if radius <= 0 or scene.place == "plain" or not (scene.people or scene.objects or scene.part):
        return
    small = stage.image.reduce(4).filter(ImageFilter.GaussianBlur(radius / 4))
    stage.image.paste(small.resize(stage.image.size, Image.Resampling.BILINEAR))


def _subjects(stage: Stage, scene: Scene) -> None:
    if scene.size == "detail":
        _detail(stage, scene)
        return
    for number, thing in enumerate(scene.things[:3]):
        _thing(stage, scene, thing, number)
    if scene.people:
        _people(stage, scene)
    elif scene.objects:
        _object(
            stage,
            scene,
            0.5,
            0.86 if scene.place == "table" else 0.88,
            0.42 if scene.place in ("table", "plain") else 0.2,
        )


def _thing(stage: Stage, scene: Scene, name: str, number: int) -> None:
    draw, height, foot, across = THINGS[name]
    if scene.is_inside and name in OUTDOORS and scene.place != "plain":
        return
    dice = Dice("thing", name)
    scale = {"wide": 0.6, "close": 1.7, "medium": 1.35}.get(scene.size, 1.0)
    if scene.people and scene.size == "full":
        scale *= 0.9
    if name == "lighthouse" and scene.size == "close":
        scale = 1.0
    foot = min(0.97, foot + (0.06 * (scale - 1) if name not in ("boat", "lighthouse") else 0))
    if name == "boat" and scene.place not in ("sea", "beach"):
        foot = 0.93
    across = across if name in STAYING else across + 0.3 * number
    across = 0.74 if name == "boat" and scene.people else across
    mirrored = scene.people != () and across < 0.5
    if scene.people and not scene.is_inside and name not in STAYING:
        across = 0.72
    tall = height * scale * _squeeze(stage)
    pen = stage.pen((across, foot), tall).turned(mirrored)
    if name not in ("bird", "plane", "boat", "lighthouse", "fish", "balloon", "rocket"):
        _shadow(pen, stage, 1.1)
    hue = dict(scene.hues).get(name, dice.pick((0.0, 0.08, 0.13, 0.47, 0.58, 0.66)))
    if name == "fire":
        stage.glow((across, foot - tall / 2), 0.3, LAMPS, 0.5)
    draw(pen, stage.light.on(color(hue, 0.46, 0.6)), stage.light)


def _squeeze(stage: Stage) -> float:
    """Things are as large as the shorter side lets them: less of the height in a tall picture."""
    return min(1.0, 1.25 * stage.image.width / stage.image.height)


def _shadow(pen: Pen, stage: Stage, wide: float) -> None:
    pen.oval(0, 0.0, wide * 2, 0.12, mixed(stage.light.ground, stage.light.near, 0.55))


def _object(stage: Stage, scene: Scene, x: float, foot: float, tall: float) -> None:
    name = scene.objects[0]
    pen = stage.pen((x, foot), tall * _squeeze(stage))
    if foot > 0.8 and name != "wheel":
        _shadow(pen, stage, 0.5)
    if name == "lantern":
        stage.glow((x, foot - tall / 2), 0.16, LAMPS, 0.4)
    OBJECTS[name](pen, stage.light.on(_tint(scene, name)), stage.light)


def _tint(scene: Scene, name: str) -> Color:
    return color(dict(scene.hues).get(name, Dice("object", name).share()), 0.45, 0.5)


def _detail(stage: Stage, scene: Scene) -> None:
    """A close look at hands, eyes, feet or a small thing."""
    look = Look.of(scene.people[0] if scene.people else NOBODY)
    squeeze = _squeeze(stage)
    if scene.part == "eyes":
        people.eyes(stage.pen((0.5, 0.5 + 0.2 * squeeze), 0.42 * squeeze), look, stage.light)
        return
    if scene.part == "feet":
        people.feet(stage.pen((0.46, 0.92), 0.5 * squeeze), look, stage.light)
        return
    if scene.objects:
        held = scene.part == "hands"
        tall = 0.74 if scene.objects[0] == "wheel" else 0.46 if held else 0.56
        _object(stage, scene, 0.5, (0.5 + tall * squeeze / 2) if held else 0.84, tall)
    if scene.part == "hands":
        people.hands(stage.pen((0.5, 0.88), 0.8 * squeeze), look, stage.light)
    elif not scene.objects:
        for number, thing in enumerate(scene.things[:1]):
            _thing(stage, replace(scene, size="close"), thing, number)


def _people(stage: Stage, scene: Scene) -> None:
    """Everybody, from the back to the front."""
    count = len(scene.people)
    for number, person in enumerate(scene.people):
        x = _across(number, count, stage)
        if scene.size in ("close", "medium") or scene.place == "carriage":
            _near(stage, scene, person, x, count)
        else:
            _standing(stage, scene, person, x, number)
    if scene.objects and scene.size in ("full", "medium", "close") and not scene.part:
        x, aside = _across(0, count, stage), stage.upright(0.1)
        if scene.size == "full" and scene.place != "carriage":
            _object(stage, scene, x + aside, 0.72, 0.1)
        else:
            _object(stage, scene, x + 3 * aside, 0.97, 0.28)


def _across(number: int, count: int, stage: Stage) -> float:
    """Where somebody stands: one by the third that is away from the light, several side by side."""
    if count == 1:
        return 0.6 if stage.sun[0] < 0.5 else 0.4
    gap = min(0.36, 0.76 / (count - 1))
    return 0.5 + (number - (count - 1) / 2) * gap


def _standing(stage: Stage, scene: Scene, person: Person, x: float, number: int) -> None:
    dice = Dice("stand", person.name)
    tall = (0.3 if scene.size == "wide" else 0.58) * dice.between(0.95, 1.05)
    tall *= 0.66 if person.name.split()[0] in ("child", "boy", "girl", "kid", "baby") else 1.0
    tall *= max(0.62, _squeeze(stage))
    foot = (0.9 if scene.size == "wide" else 0.965) - 0.018 * (number % 2)
    if scene.place in ("space", "sky", "underwater"):
        foot = 0.5 + tall / 2
    pen = stage.pen((x, foot), tall).turned(x > 0.5)
    look = Look.of(person)
    if scene.place not in ("space", "sky", "underwater"):
        _shadow(pen, stage, 0.16)
    stride = dice.pick((0.0, 0.05))
    people.body(pen.rim(_rim(stage, look), _aside(stage, x, 0.006)), look, stage.light, stride)
    people.body(pen, look, stage.light, stride)


def _near(stage: Stage, scene: Scene, person: Person, x: float, count: int) -> None:
    """From the chest up, or from the waist up for a medium shot."""
    tall = {"close": 0.86, "medium": 0.62}.get(scene.size, 0.5) * _squeeze(stage)
    tall *= 0.8 if count == 2 else 0.6 if count > 2 else 1.0
    foot = 1.0 + 0.06 * (scene.size == "close")
    pen = stage.pen((x, foot if scene.size == "close" else 1.02), tall).turned(x > 0.5)
    look = Look.of(person)
    people.bust(pen.rim(_rim(stage, look), _aside(stage, x, 0.012)), look, stage.light)
    people.bust(pen, look, stage.light)


def _rim(stage: Stage, look: Look) -> Color:
    """The colour of the edge that the light draws around somebody."""
    return mixed(stage.light.lamp, stage.light.on(look.top), 0.35)


def _aside(stage: Stage, x: float, share: float) -> float:
    return share if stage.sun[0] > x else -share


def _vignette(image: Image.Image) -> Image.Image:
    mask = Image.radial_gradient("L").point([min(84, max(0, v - 150)) for v in range(256)])
    dark = mixed(_mean(image), (0, 0, 0), 0.8)
    image.paste(dark, (0, 0), mask.resize(image.size, Image.Resampling.BILINEAR))
    return image


def _mean(image: Image.Image) -> Color:
    red, green, blue = image.resize((1, 1), Image.Resampling.BOX).getpixel((0, 0))  # type: ignore[misc]
    return int(red), int(green), int(blue)
