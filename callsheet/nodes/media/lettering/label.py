"""A label: a text over a picture, with a second line, an outline or a box, inside of the safe area."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.frames import Size
from callsheet.nodes.media.codec.plate import Plate, plate
from callsheet.nodes.media.text.breaks import prepared
from callsheet.nodes.media.text.family import BOLD, REGULAR, Family, family
from callsheet.nodes.media.text.paragraph import Paragraph, Setting, draw, fitted, length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

PLACES: Final = tuple(
    f"{row}_{side}" if side else row for row in ("top", "middle", "bottom") for side in ("left", "", "right")
)
"""`top_left`, `top`, `top_right`, …: rows and sides of the safe area."""
UPRIGHT: Final = 1.2
"""Height divided by width from which a film is taken for one of a phone."""
MARGINS: Final = (0.05, 0.05, 0.05)
PHONE_MARGINS: Final = (0.08, 0.12, 0.18)
"""Shares of width and height that stay free at the sides, at the top and at the bottom: as EBU R 95 says, and
on phones, where players draw their buttons over the film."""
SMALLEST: Final = 0.5
"""A long text gets smaller, down to this share of its size."""
DETAIL: Final = 0.68
"""Size of the second text, in sizes of the first."""
PADDING: Final = 0.45
OVERHANG: Final = 0.08
"""Sizes that letters may reach out of their own width."""
BAR: Final = 0.14
SHADE: Final = "#000000a6"
Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How a label looks. size: of the text, as a share of the shorter side of the picture. place: one of
    PLACES. width: the most that it takes of the width of the safe area. outline: around each letter, in
    sizes. box: colour behind it, "" for none. bar: whether the box has a bar of the text's colour at its
    beginning. fade: seconds in which it comes and goes. lift: what it stands above the lower edge of the safe
    area, where a legal line may be, as a share of the shorter side. lit: colour of the word that is
    spoken."""

    size: float
    place: str = "bottom"
    weight: int = REGULAR
    width: float = 1.0
    color: str = "white"
    outline: float = 0.0
    box: str = ""
    bar: bool = False
    italic: bool = False
    fade: float = 0.0
    lift: float = 0.0
    lit: str = "#ffd447"


STYLES: Final = {
    "caption": Look(0.05, weight=600, width=0.9, outline=0.08, lift=0.05),
    "lower_third": Look(0.05, "bottom_left", BOLD, 0.62, box=SHADE, bar=True, fade=0.4, lift=0.08),
    "legal": Look(0.026, outline=0.06),
    "title": Look(0.12, "middle", BOLD, fade=0.5),
}


@dataclass(frozen=True, slots=True)
class Label:
    """text, detail: what it says, the second smaller and below; "" for none. spoken: the characters of the
    text that are spoken, from which to before which, spaces not counted."""

    text: str
    look: Look
    detail: str = ""
    fonts: Family = field(default_factory=family)
    spoken: tuple[int, int] = (0, 0)

    def setting(self, size: float, weight: int) -> Setting:
        """How a text of it is set."""
        return Setting(max(8, round(size)), weight, self.fonts)


def safe_area(size: Size) -> tuple[int, int, int, int]:
    """Left, top, right and bottom edge of the part of a picture where text is always seen."""
    width, height = size
    sides, top, bottom = PHONE_MARGINS if height > UPRIGHT * width else MARGINS
    return round(width * sides), round(height * top), round(width * (1 - sides)), round(height * (1 - bottom))


def label_plate(label: Label, size: Size) -> Plate:
    """The label at its place in a picture of `size` pixels. Raises NodeError (*local*) for a text that does
    not fit into the safe area."""
    left, top, right, bottom = safe_area(size)
    look = label.look
    whole = look.size * min(size)
    padding = round(whole * (PADDING if look.box else max(OVERHANG, look.outline)))
    bar = round(whole * BAR) if look.bar else 0
    room = ((right - left) * look.width - 2 * padding - bar, bottom - top - 2 * padding)
    blocks = _blocks(label, whole, room)
    box = (
        max(2, round(max(block.width for block in blocks)) + 2 * padding + bar),
        sum(block.height for block in blocks) + 2 * padding,
    )
    row, _, side = look.place.partition("_")
    side = side or "center"
    x = {"left": left, "center": (left + right - box[0]) // 2, "right": right - box[0]}[side]
    lowest = max(top, bottom - round(look.lift * min(size)) - box[1])
    y = {"top": top, "middle": (top + bottom - box[1]) // 2, "bottom": lowest}[row]
    return plate(_drawn(label, blocks, box, side, padding), (x, y))


def _blocks(label: Label, size: float, room: tuple[float, float]) -> list[Paragraph]:
    """The paragraphs of a label, the second as much smaller as the first had to be."""
    main = _fitted(label, label.text, label.setting(size, label.look.weight), room)
    if not label.detail:
        return [main]
    left = room[0], room[1] - main.height
    return [main, _fitted(label, label.detail, label.setting(main.setting.size * DETAIL, REGULAR), left)]


def _fitted(label: Label, text: str, setting: Setting, room: tuple[float, float]) -> Paragraph:
    found = fitted(prepared(text), setting, room, max(8, round(setting.size * SMALLEST)))
    if found is None:
        raise NodeError(
            f'"{text[:40]}…" ({len(text)} characters) is longer than the picture has room for',
            "local",
            "make the text shorter, give it a smaller `size`, or cut it into several",
        )
    return found


def _drawn(label: Label, blocks: list[Paragraph], box: Size, side: str, padding: int) -> Image:
    """The label alone, as RGBA."""
    from PIL import Image

    look = label.look
    image = _boxed(look, box, side, blocks[0].setting.size)
    bar = round(blocks[0].setting.size * BAR) if look.bar else 0
    x = {"left": padding + bar, "center": box[0] / 2, "right": box[0] - padding - bar}[side]
    stroke = round(blocks[0].setting.size * look.outline)
    letters, around = (Image.new("L", box, 0) for _ in range(2))
    y = float(padding)
    for block in blocks:
        draw(letters, (x, y), block, side)
        if stroke:
            draw(around, (x, y), block, side, stroke)
        y += block.height
    if stroke:
        image = tinted(image, around, (0, 0, 0, 255))
    image = tinted(image, letters, color_of(look.color))
    if label.spoken[0] == label.spoken[1]:
        return image
    spoken = Image.new("L", box, 0)
    for area in _areas(blocks[0], label.spoken, (x, padding), side):
        spoken.paste(letters.crop(area), area[:2])
    return tinted(image, spoken, color_of(look.lit))


def _areas(
    block: Paragraph, spoken: tuple[int, int], at: tuple[float, int], side: str
) -> Iterator[tuple[int, int, int, int]]:
    """Where the characters of a stretch stand, spaces not counted. at: as for `draw`."""
    before = 0
    for number, (line, rtl) in enumerate(zip(block.lines, block.turned, strict=True)):
        places = [i for i, char in enumerate(line) if not char.isspace()]
        wanted = places[max(0, spoken[0] - before) : max(0, spoken[1] - before)]
        before += len(places)
        if not wanted:
            continue
        widths = [length(part, block.setting, rtl) for part in (line[: wanted[0]], line[: wanted[-1] + 1])]
        whole = length(line, block.setting, rtl)
        left = at[0] - whole * {"left": 0.0, "center": 0.5, "right": 1.0}[side]
        first, last = (whole - widths[1], whole - widths[0]) if rtl else widths
        top = at[1] + number * block.leading
        yield round(left + first), top, round(left + last), top + block.leading


def _boxed(look: Look, box: Size, side: str, size: int) -> Image:
    from PIL import Image, ImageDraw

    image = Image.new("RGBA", box, (0, 0, 0, 0))
    if look.box:
        ImageDraw.Draw(image).rectangle((0, 0, box[0], box[1]), color_of(look.box))
    if look.bar:
        width = max(2, round(size * BAR))
        at = box[0] - width if side == "right" else 0
        ImageDraw.Draw(image).rectangle((at, 0, at + width - 1, box[1]), color_of(look.color))
    return image


def tinted(under: Image, mask: Image, color: Rgba) -> Image:
    """An RGBA image with a colour laid on it through a mask."""
    from PIL import Image

    layer = Image.new("RGBA", under.size, color[:3])
    layer.putalpha(mask if color[3] == 255 else mask.point([value * color[3] // 255 for value in range(256)]))
    return Image.alpha_composite(under, layer)


def color_of(text: str) -> Rgba:
    """A colour as CSS writes it: a name, `#ffcc00`, `#000000a6`, `rgb(255, 204, 0)`. Raises ValueError."""
    from PIL import ImageColor

    red, green, blue, *alpha = ImageColor.getrgb(text.strip())
    return red, green, blue, alpha[0] if alpha else 255
