"""A label: a text over a picture, with a second line, an outline or a box, inside of the safe area."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.frames import Size
from callsheet.nodes.media.codec.place import safe_area
from callsheet.nodes.media.codec.plate import Plate, plate
from callsheet.nodes.media.text.breaks import is_ideograph, prepared
from callsheet.nodes.media.text.characters import is_rtl
from callsheet.nodes.media.text.family import BOLD, REGULAR, Family, family
from callsheet.nodes.media.text.paragraph import ALIGNED, LEADING, Paragraph, Setting, draw, fitted, length

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL.Image import Image

SMALLEST: Final = 0.5
"""A long text gets smaller, down to this share of its size."""
PADDING: Final = 0.45
OVERHANG: Final = 0.08
"""Sizes that letters may reach out of their own width."""
BAR: Final = 0.14
SHADE: Final = "#000000a6"
SHADOW: Final = (0, 0, 0, 190)
SPREAD: Final = 0.6
"""How far a shadow reaches beyond each letter before it is blurred, in radii of the blur."""
TIGHT: Final = 1.16
"""From line to line of large texts, in sizes, in scripts without marks far above or below the letters."""
DASHES: Final = ("-", "–", "—")
FINE: Final = 4
"""How many times as large a rounded box is drawn, to be made smaller: smooth corners."""
COLOR_HELP: Final = "write it as CSS does: `white`, `#ffcc00`, `#000000a6`"
Rgba = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Look:
    """How a label looks.

    size: of the text, as a share of the shorter side of the picture. place: one of PLACES. width: the most
    that it takes of the width of the safe area. outline: around each letter, in sizes. shadow: radius of a
    soft shadow, in sizes. box: colour behind it, "" for none. radius: of the corners of the box, in sizes.
    bar: whether the box has a bar of the text's colour at its beginning. detail: size of the second text, in
    sizes. gap: before it. tight: whether its lines stand close. fade: seconds in which it comes and goes.
    lift: what it stands above the lower edge of the safe area, where a legal line may be, as a share of the
    shorter side. lit: colour of the word that is spoken. flows: whether lines that are wider than the room
    are joined and cut anew, as those of a file of subtitles are on a film for phones.
    """

    size: float
    place: str = "bottom"
    weight: int = REGULAR
    width: float = 1.0
    color: str = "white"
    outline: float = 0.0
    shadow: float = 0.0
    box: str = ""
    radius: float = 0.0
    bar: bool = False
    italic: bool = False
    detail: float = 0.68
    gap: float = 0.0
    tight: bool = False
    fade: float = 0.0
    lift: float = 0.0
    lit: str = "#ffd447"
    flows: bool = False


STYLES: Final = {
    "caption": Look(0.05, weight=600, width=0.9, outline=0.07, shadow=0.08, radius=0.22, lift=0.05),
    "lower_third": Look(0.05, "bottom_left", BOLD, 0.62, box=SHADE, bar=True, fade=0.4, lift=0.08),
    "legal": Look(0.028, outline=0.02, shadow=0.12),
    "title": Look(0.12, "middle", BOLD, shadow=0.1, detail=0.5, gap=0.12, tight=True, fade=0.5),
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
        tight = self.look.tight and not any(map(_is_tall, self.text + self.detail))
        return Setting(max(8, round(size)), weight, self.fonts, TIGHT if tight else LEADING)


def _is_tall(char: str) -> bool:
    """Whether a character may have marks far above or below: all but Latin, Greek, Cyrillic, Han and kana."""
    point = ord(char)
    return not (point < 0x530 or 0x2000 <= point < 0x2070 or 0x3000 <= point < 0xA000)


@dataclass(frozen=True, slots=True)
class Layout:
    """A label that is set. blocks: its texts. box: its size in pixels, with what is beside the texts. side:
    to which they are set. reach: pixels around the box that its shadow may take."""

    label: Label
    blocks: tuple[Paragraph, ...]
    box: Size
    side: str
    padding: int
    reach: int

    @property
    def size(self) -> int:
        """Of the first text, in pixels."""
        return self.blocks[0].setting.size

    @property
    def gap(self) -> int:
        """Pixels between the texts."""
        return round(self.size * self.label.look.gap)

    @property
    def bar(self) -> int:
        """Width of the bar at the beginning of the box, in pixels."""
        return max(2, round(self.size * BAR)) if self.label.look.bar else 0

    @property
    def start(self) -> tuple[float, int]:
        """Where the texts begin in the picture of the label: see `draw`."""
        inner = {
            "left": self.padding + self.bar,
            "center": self.box[0] / 2,
            "right": self.box[0] - self.padding - self.bar,
        }
        return self.reach + inner[self.side], self.reach + self.padding


def label_plate(label: Label, size: Size) -> Plate:
    """The label at its place in a picture of `size` pixels. Raises NodeError (*local*) for a text that does
    not fit into the safe area."""
    left, top, right, bottom = safe_area(size)
    layout = _layout(label, size)
    look, box = label.look, layout.box
    row = look.place.partition("_")[0]
    x = {"left": left, "center": (left + right - box[0]) // 2, "right": right - box[0]}[layout.side]
    lowest = max(top, bottom - round(look.lift * min(size)) - box[1])
    y = {"top": top, "middle": (top + bottom - box[1]) // 2, "bottom": lowest}[row]
    return plate(_drawn(layout), (x - layout.reach, y - layout.reach))


def _layout(label: Label, size: Size) -> Layout:
    left, top, right, bottom = safe_area(size)
    look = label.look
    whole = look.size * min(size)
    padding = round(whole * (PADDING if look.box else max(OVERHANG, look.outline)))
    bar = round(whole * BAR) if look.bar else 0
    room = ((right - left) * look.width - 2 * padding - bar, bottom - top - 2 * padding)
    blocks = _blocks(label, whole, room)
    first = blocks[0].setting.size
    box = (
        max(2, round(max(block.width for block in blocks)) + 2 * padding + bar),
        sum(block.height for block in blocks) + round(first * look.gap) * (len(blocks) - 1) + 2 * padding,
    )
    side = look.place.partition("_")[2] or "center"
    return Layout(label, blocks, box, side, padding, round(first * look.shadow * (2 + SPREAD)))


def _blocks(label: Label, size: float, room: tuple[float, float]) -> tuple[Paragraph, ...]:
    """The paragraphs of a label, the second as much smaller as the first had to be."""
    look = label.look
    setting = label.setting(size, look.weight)
    main = _fitted(_flowed(label.text, setting, room[0]) if look.flows else label.text, setting, room)
    if not label.detail:
        return (main,)
    height = main.setting.size
    left = room[0], room[1] - main.height - height * look.gap
    return main, _fitted(label.detail, label.setting(height * look.detail, REGULAR), left)


def _flowed(text: str, setting: Setting, width: float) -> str:
    """The text with its lines joined where one is too wide; a dash begins what another one says."""
    lines = prepared(text).split("\n")
    if all(length(line, setting, is_rtl(line)) <= width for line in lines):
        return text
    found = lines[:1]
    for line in lines[1:]:
        if line.startswith(DASHES):
            found.append(line)
        else:
            space = not (found[-1] and line and is_ideograph(found[-1][-1]) and is_ideograph(line[0]))
            found[-1] += " " * space + line
    return "\n".join(found)


def _fitted(text: str, setting: Setting, room: tuple[float, float]) -> Paragraph:
    found = fitted(prepared(text), setting, room, max(8, round(setting.size * SMALLEST)))
    if found is None:
        shown = text if len(text) <= 40 else f"{text[:40]}…"
        raise NodeError(
            f'"{shown}" ({len(text)} characters) is longer than the picture has room for',
            "local",
            "make the text shorter, give it a smaller `size`, or cut it into several",
        )
    return found


def _drawn(layout: Layout) -> Image:
    """The label alone, as RGBA, with `reach` pixels around its box."""
    look, size = layout.label.look, layout.size
    image = _boxed(layout)
    if look.shadow:
        image = shaded(image, _inked(layout, size * (look.outline + look.shadow * SPREAD)), look, size)
    if look.outline:
        image = tinted(image, _inked(layout, size * look.outline), (0, 0, 0, 255))
    letters = _inked(layout)
    image = tinted(image, letters, color_of(look.color))
    return _lit(layout, image, letters)


def shaded(under: Image, mask: Image, look: Look, size: float) -> Image:
    """An RGBA image with a soft shadow of what a mask shows. size: of the text, in pixels."""
    from PIL import ImageFilter

    if not look.shadow:
        return under
    return tinted(under, mask.filter(ImageFilter.GaussianBlur(size * look.shadow)), SHADOW)


def _inked(layout: Layout, stroke: float = 0.0) -> Image:
    """Where the letters are, as a mask. stroke: pixels that are added around each."""
    from PIL import Image

    width, height = layout.box
    mask = Image.new("L", (width + 2 * layout.reach, height + 2 * layout.reach), 0)
    x, y = layout.start
    for block in layout.blocks:
        draw(mask, (x, y), block, layout.side, stroke)
        y += block.height + layout.gap
    return mask


def _lit(layout: Layout, image: Image, letters: Image) -> Image:
    """The image with the characters that are spoken in their own colour."""
    from PIL import Image as Pillow

    if layout.label.spoken[0] == layout.label.spoken[1]:
        return image
    spoken = Pillow.new("L", letters.size, 0)
    for area in _areas(layout):
        spoken.paste(letters.crop(area), area[:2])
    return tinted(image, spoken, color_of(layout.label.look.lit))


def _areas(layout: Layout) -> Iterator[tuple[int, int, int, int]]:
    """Where the characters that are spoken stand, spaces not counted."""
    before, block, at, spoken = 0, layout.blocks[0], layout.start, layout.label.spoken
    for number, (line, rtl) in enumerate(zip(block.lines, block.turned, strict=True)):
        places = [i for i, char in enumerate(line) if not char.isspace()]
        wanted = places[max(0, spoken[0] - before) : max(0, spoken[1] - before)]
        before += len(places)
        if not wanted:
            continue
        widths = [length(part, block.setting, rtl) for part in (line[: wanted[0]], line[: wanted[-1] + 1])]
        whole = length(line, block.setting, rtl)
        left = at[0] - whole * ALIGNED[layout.side]
        first, last = (whole - widths[1], whole - widths[0]) if rtl else widths
        top = at[1] + number * block.leading
        yield round(left + first), top, round(left + last), top + block.leading


def _boxed(layout: Layout) -> Image:
    """The box of a label with its bar, or nothing."""
    from PIL import Image, ImageDraw

    look, (width, height), reach = layout.label.look, layout.box, layout.reach
    image = Image.new("RGBA", (width + 2 * reach, height + 2 * reach), (0, 0, 0, 0))
    if look.box:
        shape = Image.new("L", (width * FINE, height * FINE), 0)
        radius = round(layout.size * look.radius) * FINE
        ImageDraw.Draw(shape).rounded_rectangle((0, 0, *(side - 1 for side in shape.size)), radius, 255)
        mask = Image.new("L", image.size, 0)
        mask.paste(shape.reduce(FINE), (reach, reach))
        image = tinted(image, mask, color_of(look.box))
    if layout.bar:
        left = reach + (width - layout.bar if layout.side == "right" else 0)
        area = (left, reach, left + layout.bar - 1, reach + height - 1)
        ImageDraw.Draw(image).rectangle(area, color_of(look.color))
    return image


def tinted(under: Image, mask: Image, color: Rgba) -> Image:
    """An RGBA image with a colour laid on it through a mask."""
    from PIL import Image

    layer = Image.new("RGBA", under.size, color[:3])
    layer.putalpha(mask if color[3] == 255 else mask.point([value * color[3] // 255 for value in range(256)]))
    return Image.alpha_composite(under, layer)


def color_of(text: str) -> Rgba:
    """A colour as CSS writes it: a name, `#ffcc00`, `#000000a6`, `rgb(255, 204, 0)`. Raises NodeError
    (*local*) for what is none."""
    from PIL import ImageColor

    try:
        red, green, blue, *alpha = ImageColor.getrgb(text.strip())
    except ValueError:
        raise NodeError(f'"{text[:40]}" is no colour', "local", COLOR_HELP) from None
    return red, green, blue, alpha[0] if alpha else 255
