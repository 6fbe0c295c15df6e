"""Credits: who did what, in two columns, as one tall picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec.frames import Size
from callsheet.nodes.media.codec.place import safe_area
from callsheet.nodes.media.lettering.label import Label, color_of, shaded, tinted
from callsheet.nodes.media.text.breaks import prepared
from callsheet.nodes.media.text.family import BOLD, REGULAR
from callsheet.nodes.media.text.paragraph import Paragraph, draw, paragraph

if TYPE_CHECKING:
    from PIL.Image import Image

GAP: Final = 0.6
"""Between two entries, and on both sides of the middle, in sizes."""


@dataclass(frozen=True, slots=True)
class Credit:
    """role: what they did; "" for a line of names alone, which stands in the middle."""

    role: str
    names: tuple[str, ...]


def credits_picture(entries: Sequence[Credit], label: Label, size: Size) -> Image:
    """The credits as RGBA, as wide as a picture of `size` and as high as they are. label: how they are
    set; its size is that of the names. Roles are thinner than names."""
    from PIL import Image

    left, _, right, _ = safe_area(size)
    height = label.look.size * min(size)
    gap = round(height * GAP)
    rows, top = [], 0
    for entry in entries:
        half = (right - left) / 2 - gap if entry.role else right - left
        blocks = (
            paragraph(prepared(entry.role), label.setting(height, REGULAR), half),
            paragraph(prepared("\n".join(entry.names)), label.setting(height, BOLD), half),
        )
        rows.append((top, bool(entry.role), blocks))
        top += max(block.height for block in blocks) + gap
    image = Image.new("RGBA", (size[0], max(2, top - gap)), (0, 0, 0, 0))
    letters = Image.new("L", image.size, 0)
    for y, has_role, (role, names) in rows:
        _row(letters, y, (role, names) if has_role else (names,), gap)
    return tinted(shaded(image, letters, label.look, height), letters, color_of(label.look.color))


def _row(letters: Image, y: int, blocks: Sequence[Paragraph], gap: int) -> None:
    middle = letters.width / 2
    if len(blocks) == 1:
        draw(letters, (middle, y), blocks[0], "center")
        return
    role, names = blocks
    turned = names.rtl
    draw(letters, (middle + gap if turned else middle - gap, y), role, "left" if turned else "right")
    draw(letters, (middle - gap if turned else middle + gap, y), names, "right" if turned else "left")
