"""People: equal names look equal in every shot of a film."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from callsheet.nodes.preview.drawing.palette import Color, color, mixed
from callsheet.nodes.preview.drawing.stage import Light, Pen
from callsheet.nodes.preview.random import Dice
from callsheet.nodes.preview.scene import Person

SKINS: Final[tuple[Color, ...]] = (
    (246, 212, 184), (232, 188, 152), (206, 156, 116), (164, 112, 78), (118, 78, 56),
)  # fmt: skip
HAIRS: Final[tuple[Color, ...]] = (
    (42, 32, 30), (74, 50, 36), (122, 78, 44), (196, 150, 84), (168, 72, 40), (30, 30, 38),
)  # fmt: skip
NAMED_HAIRS: Final[dict[str, Color]] = {
    "red": (176, 70, 34), "blonde": (214, 174, 96), "black": (30, 26, 28), "brown": (94, 60, 38),
    "white": (224, 222, 216), "none": (94, 60, 38),
}  # fmt: skip
WHITE_HAIR: Final[Color] = (224, 222, 216)
SUIT: Final[Color] = (232, 234, 238)
HUES: Final = (0.01, 0.08, 0.13, 0.34, 0.47, 0.57, 0.66, 0.8, 0.93)
SUITED: Final = ("astronaut", "diver")
CAPPED: Final = (
    "captain",
    "conductor",
    "policeman",
    "guard",
    "pilot",
    "sailor",
    "officer",
    "postman",
    "signalman",
)


@dataclass(frozen=True, slots=True)
class Look:
    """How somebody looks. hair: short, long, bun or none. coat: reaches to the knees."""

    skin: Color
    hair_color: Color
    hair: str
    top: Color
    trousers: Color
    coat: bool
    hat: bool
    beard: bool
    helmet: bool = False

    @classmethod
    def of(cls, person: Person) -> Look:
        """The look that belongs to a name, changed by what is said about it."""
        dice = Dice("look", person.name)
        skin, hair_color = dice.pick(SKINS), dice.pick(HAIRS)
        hair = dice.pick(("long", "bun", "long") if person.long_hair else ("short", "short", "none", "long"))
        hue, coat, beard = dice.pick(HUES), dice.share() < 0.5, dice.share() < 0.35
        hue = hue if person.hue is None else person.hue
        top = color(hue, dice.between(0.38, 0.5), 0.4)
        if person.hue is not None:
            top = color(hue, 0.5, 0.68)
        if person.grey is not None:
            top = color(0.6, person.grey, 0.05)
        word = person.name.split()[0]
        suited = word in SUITED
        hat = person.hat if person.hat is not None else word in CAPPED
        return cls(
            skin=skin,
            hair_color=NAMED_HAIRS.get(person.hair, WHITE_HAIR if person.old else hair_color),
            hair="none"
            if person.hair == "none"
            else "short"
            if person.long_hair is False and hair == "long"
            else hair,
            top=SUIT if suited else top,
            trousers=SUIT if suited else color(hue + 0.5, 0.22, 0.16),
            coat=coat and not suited,
            hat=hat and not suited,
            beard=beard if person.beard is None else person.beard,
            helmet=suited,
        )


def body(pen: Pen, look: Look, light: Light, stride: float = 0.0) -> None:
    """Somebody who stands, or walks with a `stride`; the height of the pen is theirs."""
    top, legs = light.on(look.top), light.on(look.trousers)
    shoes = mixed(legs, (0, 0, 0), 0.5)
    for side in (-1, 1):
        x = side * (0.034 + stride)
        pen.line(((side * 0.034, 0.48), (x * 0.9, 0.25), (x, 0.03)), 0.062, legs)
        pen.box(x - 0.03, 0, x + 0.055, 0.035, shoes, 0.016)
    low = 0.27 if look.coat else 0.45
    flare = 0.1 if look.coat else 0.078
    pen.polygon(((-0.1, 0.80), (0.1, 0.80), (0.078, 0.58), (flare, low), (-flare, low), (-0.078, 0.58)), top)
    pen.box(-0.11, 0.74, 0.11, 0.825, top, 0.045)
    sleeve = mixed(top, (0, 0, 0), 0.16)
    for side in (-1, 1):
        hand = side * (0.135 + abs(stride) * 0.4), 0.46 + stride * side * 0.3
        pen.line(((side * 0.1, 0.79), (side * 0.13, 0.62), hand), 0.05, sleeve)
        pen.oval(hand[0], hand[1] - 0.02, 0.042, 0.05, light.on(look.skin))
    head(pen.part(0, 0.815, 0.185), look, light)


def bust(pen: Pen, look: Look, light: Light) -> None:
    """Head, shoulders and chest; the height of the pen reaches from the lower edge to the crown."""
    top = light.on(look.top)
    pen.box(-0.52, -0.4, 0.52, 0.36, top, 0.2)
    pen.polygon(((-0.52, 0.2), (0.52, 0.2), (0.56, -0.4), (-0.56, -0.4)), top)
    collar = mixed(top, (255, 255, 255), 0.25)
    pen.polygon(((-0.17, 0.37), (0.17, 0.37), (0.0, 0.14)), light.on(look.skin))
    pen.line(((-0.19, 0.37), (0.0, 0.13), (0.19, 0.37)), 0.035, collar)
    pen.line(((0.0, 0.12), (0.0, -0.4)), 0.012, mixed(top, (0, 0, 0), 0.3))
    head(pen.part(0, 0.33, 0.68), look, light)


def head(pen: Pen, look: Look, light: Light) -> None:
    """A head on its neck; the face turns a little to the right of the pen."""
    skin, hair = light.on(look.skin), light.on(look.hair_color)
    dark = mixed(skin, (40, 16, 12), 0.3)
    if look.hair == "long":
        pen.box(-0.35, 0.0, 0.33, 0.8, hair, 0.3)
    if look.hair == "bun":
        pen.oval(-0.24, 0.96, 0.3, 0.28, hair)
    pen.box(-0.13, -0.06, 0.13, 0.3, mixed(skin, dark, 0.45), 0.05)
    pen.oval(0, 0.54, 0.6, 0.78, skin)
    pen.oval(-0.29, 0.5, 0.1, 0.17, skin)
    _hair(pen, look, hair)
    _face(pen, look, light, dark)
    if look.hat:
        cloth = light.on(mixed(look.top, (0, 0, 0), 0.25))
        pen.box(-0.34, 0.74, 0.34, 1.02, cloth, 0.14)
        pen.box(-0.3, 0.7, 0.5, 0.79, mixed(cloth, (0, 0, 0), 0.3), 0.04)
    if look.helmet:
        pen.ring(0, 0.52, 1.0, 0.07, light.on(SUIT))
        pen.ring(0, 0.52, 0.86, 0.03, light.on((120, 168, 196)))


def _hair(pen: Pen, look: Look, hair: Color) -> None:
    if look.hair == "none":
        return
    pen.polygon(((-0.33, 0.5), (-0.31, 0.8), (-0.12, 0.97), (0.12, 0.98), (0.3, 0.82), (0.29, 0.72),
                 (0.02, 0.83), (-0.2, 0.74), (-0.24, 0.5)), hair)  # fmt: skip


def _face(pen: Pen, look: Look, light: Light, dark: Color) -> None:
    """Eyes, brows, nose and mouth, turned a little."""
    ink = mixed((38, 26, 26), dark, 0.2)
    if look.beard:
        beard = light.on(look.hair_color)
        pen.polygon(((-0.27, 0.46), (-0.2, 0.22), (0.02, 0.12), (0.22, 0.22), (0.29, 0.46), (0.2, 0.38),
                     (0.05, 0.41), (-0.14, 0.38)), beard)  # fmt: skip
    for x in (-0.07, 0.17):
        pen.oval(x, 0.56, 0.075, 0.06, (248, 246, 242) if not pen.only else ink)
        pen.oval(x + 0.012, 0.56, 0.042, 0.056, ink)
        pen.line(((x - 0.055, 0.635), (x + 0.05, 0.645)), 0.022, mixed(light.on(look.hair_color), ink, 0.4))
    pen.line(((0.07, 0.55), (0.105, 0.44), (0.06, 0.425)), 0.018, dark)
    pen.line(((-0.03, 0.325), (0.06, 0.305), (0.14, 0.33)), 0.024, mixed(dark, (140, 40, 44), 0.45))


def hands(pen: Pen, look: Look, light: Light) -> None:
    """Two hands that come from below, a gap between them for what they hold."""
    for side in (-1, 1):
        _hand(pen.turned(side < 0), look, light)


def _hand(pen: Pen, look: Look, light: Light) -> None:
    skin, sleeve = light.on(look.skin), light.on(look.top)
    shadow = mixed(skin, (60, 24, 18), 0.22)
    pen.polygon(((0.5, -0.3), (1.05, -0.3), (0.66, 0.34), (0.38, 0.2)), sleeve)
    pen.polygon(((0.36, 0.16), (0.68, 0.3), (0.64, 0.38), (0.33, 0.26)), mixed(sleeve, (255, 255, 255), 0.25))
    pen.oval(0.4, 0.42, 0.36, 0.38, skin)
    for i, (x, y) in enumerate(((0.2, 0.72), (0.13, 0.62), (0.1, 0.51), (0.13, 0.4))):
        pen.line(((0.42, 0.5 - 0.05 * i), ((0.42 + x) / 2, y + 0.03), (x, y - 0.02)), 0.092, shadow)
        pen.line(((0.42, 0.51 - 0.05 * i), ((0.42 + x) / 2, y + 0.04), (x, y)), 0.082, skin)
    pen.line(((0.36, 0.34), (0.24, 0.3), (0.16, 0.33)), 0.1, mixed(skin, (255, 240, 230), 0.12))


def eyes(pen: Pen, look: Look, light: Light) -> None:
    """Two eyes that fill the picture."""
    skin, hair = light.on(look.skin), light.on(look.hair_color)
    dark = mixed(skin, (60, 20, 16), 0.35)
    pen.box(-4, -2, 4, 3, skin)
    pen.line(((0.06, 0.7), (0.16, 0.1), (0.02, 0.0)), 0.04, dark)
    for x in (-0.62, 0.62):
        pen.oval(x, 0.5, 0.74, 0.36, mixed(skin, dark, 0.4))
        pen.oval(x, 0.5, 0.68, 0.29, (250, 248, 244))
        pen.oval(
            x + 0.03,
            0.5,
            0.28,
            0.28,
            light.on(color(Dice("iris", look.skin).pick((0.07, 0.36, 0.58)), 0.36, 0.45)),
        )
        pen.oval(x + 0.03, 0.5, 0.13, 0.13, (18, 14, 16))
        pen.oval(x + 0.07, 0.55, 0.05, 0.05, (255, 255, 255))
        pen.line(((x - 0.36, 0.52), (x - 0.1, 0.66), (x + 0.2, 0.66), (x + 0.37, 0.5)), 0.03, (30, 20, 20))
        pen.line(((x - 0.36, 0.8), (x, 0.88), (x + 0.36, 0.82)), 0.075, hair)


def feet(pen: Pen, look: Look, light: Light) -> None:
    """Legs from the knees down, one step ahead of the other."""
    legs = light.on(look.trousers)
    shoe = light.on(mixed(look.top, (0, 0, 0), 0.35))
    for x, foot in ((-0.24, 0.16), (0.2, 0.02)):
        pen.line(((x + 0.02, 1.5), (x, foot + 0.16)), 0.19, mixed(legs, light.near, 0.2 * (x > 0)))
        pen.box(x - 0.11, foot, x + 0.26, foot + 0.15, shoe, 0.06)
        pen.box(x - 0.12, foot - 0.02, x + 0.28, foot + 0.03, (232, 228, 220), 0.015)
