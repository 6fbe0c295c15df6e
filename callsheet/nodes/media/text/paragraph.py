"""A paragraph: text cut into lines that fit a width, and drawn as masks that any colour is laid through."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import groupby
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.text.breaks import AT_CLAUSE, CLAUSE_ENDS, units
from callsheet.nodes.media.text.characters import clusters, is_rtl
from callsheet.nodes.media.text.family import REGULAR, Family, Typeface, face_of, family
from callsheet.nodes.media.text.order import directed

if TYPE_CHECKING:
    from PIL.Image import Image

LEADING: Final = 1.36
"""From base line to base line, in sizes: room for the marks of every script."""
ASCENT: Final = 1.0
"""From the top of a line to its base line, in sizes: room for an accent on a capital letter."""
ALIGNED: Final = {"left": 0.0, "center": 0.5, "right": 1.0}
"""Share of a line that stands left of the place where it is drawn."""
Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Setting:
    """How text is set. size: pixels of the em square. weight: 400 (regular) to 700 (bold). fonts: in order of
    choice. leading: from base line to base line, in sizes."""

    size: int
    weight: int = REGULAR
    fonts: Family = field(default_factory=family)
    leading: float = LEADING


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one font and one direction."""

    face: Typeface
    text: str
    rtl: bool


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Lines at one setting. turned: whether each of them runs from right to left."""

    lines: tuple[str, ...]
    setting: Setting
    turned: tuple[bool, ...]

    @property
    def rtl(self) -> bool:
        """Whether the text begins with a line from right to left."""
        return self.turned[0]

    @property
    def leading(self) -> int:
        """Pixels from base line to base line."""
        return round(self.setting.size * self.setting.leading)

    @property
    def height(self) -> int:
        """Pixels."""
        return self.leading * (len(self.lines) - 1) + round(self.setting.size * LEADING)

    @property
    def width(self) -> float:
        """Pixels of the longest line."""
        return max(length(line, self.setting, rtl) for line, rtl in zip(self.lines, self.turned, strict=True))


def paragraph(text: str, setting: Setting, width: float) -> Paragraph:
    """`text`, which is `prepared`, in lines of at most `width` pixels and of about the same length."""
    found: list[tuple[str, bool]] = []
    for line in text.split("\n"):
        rtl = is_rtl(line)
        found += ((piece, rtl) for piece in _balanced(line, setting, width, rtl))
    return Paragraph(tuple(line for line, _ in found), setting, tuple(rtl for _, rtl in found))


def fitted(text: str, setting: Setting, box: tuple[float, float], smallest: int) -> Paragraph | None:
    """`text` as large as it can stand in a box of pixels, at most at `setting.size`; None where it does not
    fit at the `smallest` size. A word is broken only there."""
    for size in _sizes(setting.size, smallest):
        found = paragraph(text, replace(setting, size=size), box[0])
        words = (unit.rstrip() for line in text.split("\n") for unit in units(line))
        broken = any(length(word, found.setting, found.rtl) > box[0] for word in words)
        if found.height <= box[1] and (not broken or size == smallest):
            return found
    return None


def _sizes(largest: int, smallest: int) -> Iterator[int]:
    size = largest
    while size > smallest:
        yield size
        size = max(smallest, size - max(1, size // 12))
    yield smallest


def _balanced(line: str, setting: Setting, width: float, rtl: bool) -> list[str]:
    """As many lines as are needed, each as short as that allows."""
    best = list(_wrapped(line, setting, width, rtl))
    if len(best) == 2 and (found := _in_two(line, setting, width, rtl)):
        return found
    low, high = width / max(1, len(best)) * 0.8, width
    while len(best) > 1 and high - low > setting.size / 4:
        middle = (low + high) / 2
        found = list(_wrapped(line, setting, middle, rtl))
        fits = len(found) == len(best) and all(length(one, setting, rtl) <= middle for one in found)
        low, high = (low, middle) if fits else (middle, high)
        best = found if fits else best
    return best


def _in_two(line: str, setting: Setting, width: float, rtl: bool) -> list[str]:
    """Two lines of about the same length; rather where a clause ends. Empty where nothing fits."""
    parts = list(units(line))
    best, found = width + 1, list[str]()
    for i in range(1, len(parts)):
        lines = ["".join(parts[:i]).rstrip(), "".join(parts[i:]).rstrip()]
        longest = max(length(one, setting, rtl) for one in lines)
        weighed = longest * (AT_CLAUSE if lines[0][-1] in CLAUSE_ENDS else 1.0)
        if longest <= width and weighed < best:
            best, found = weighed, lines
    return found


def _wrapped(line: str, setting: Setting, width: float, rtl: bool) -> Iterator[str]:
    current = ""
    for unit in units(line):
        for piece in _pieces(unit, setting, width, rtl):
            if current and length((current + piece).rstrip(), setting, rtl) > width:
                yield current.rstrip()
                current = ""
            current += piece
    yield current.rstrip()


def _pieces(unit: str, setting: Setting, width: float, rtl: bool) -> Iterator[str]:
    """The unit, or where it is wider than a line, parts of it that are not."""
    if length(unit.rstrip(), setting, rtl) <= width:
        yield unit
        return
    piece = ""
    for cluster in clusters(unit):
        if piece and length(piece + cluster, setting, rtl) > width:
            yield piece
            piece = ""
        piece += cluster
    yield piece


@lru_cache(maxsize=20_000)
def runs(line: str, setting: Setting, rtl: bool) -> tuple[Run, ...]:
    """The stretches of a line from left to right. A word stands in one font where one has all of it."""
    found: list[Run] = []
    for text, back in directed(line, rtl):
        pieces = [
            Run(face, "".join(part for _, part in group), back)
            for face, group in groupby(_faced(text, setting.fonts), key=lambda one: one[0])
        ]
        found += reversed(pieces) if back else pieces
    return tuple(found)


def _faced(text: str, fonts: Family) -> Iterator[tuple[Typeface, str]]:
    """Words and spaces, or where no font has all of a word its clusters, each with its font. A space goes
    with the word before, but not with emoji, which have wide ones. What no font has is left to the first,
    which draws a box."""
    last = fonts[0]
    for kind, group in groupby(clusters(text), key=lambda cluster: cluster == " "):
        word = "".join(group)
        if kind:
            last = last if last.has(word) and not last.emoji else fonts[0]
            yield last, word
            continue
        whole = face_of(word, fonts)
        for part in [word] if whole else clusters(word):
            last = whole or face_of(part, fonts) or fonts[0]
            yield last, part


@lru_cache(maxsize=50_000)
def length(line: str, setting: Setting, rtl: bool) -> float:
    """The width of a line in pixels."""
    return sum(_length(run, setting) for run in runs(line, setting, rtl))


def _length(run: Run, setting: Setting) -> float:
    with _damage_told(run):
        font = run.face.font(setting.size, setting.weight)
        return font.getlength(run.text, direction="rtl" if run.rtl else "ltr")


@contextmanager
def _damage_told(run: Run) -> Iterator[None]:
    """Raises NodeError (*local*) for a font that turns out to be damaged while it is drawn."""
    try:
        yield
    except OSError as error:
        raise NodeError(
            f"{run.face.path.name} is damaged: it cannot draw `{run.text[:20]}` ({error})",
            "local",
            "pass another font file",
        ) from None


def draw(mask: Image, at: Point, block: Paragraph, align: str = "left", stroke: float = 0) -> None:
    """Draw a paragraph into a mask (mode L); `at` is its left top corner, or the middle or right end of its
    top for another `align`. stroke: pixels that are added around each letter."""
    for i, (line, rtl) in enumerate(zip(block.lines, block.turned, strict=True)):
        x = at[0] - ALIGNED[align] * length(line, block.setting, rtl)
        y = at[1] + i * block.leading + ASCENT * block.setting.size
        draw_line(mask, (x, y), runs(line, block.setting, rtl), block.setting, stroke)


def draw_line(mask: Image, at: Point, pieces: tuple[Run, ...], setting: Setting, stroke: float = 0) -> None:
    """Draw stretches of a line; `at` is the left end of its base line."""
    from PIL import ImageDraw

    pen, x = ImageDraw.Draw(mask), at[0]
    for run in pieces:
        direction = "rtl" if run.rtl else "ltr"
        with _damage_told(run):
            font = run.face.font(setting.size, setting.weight)
            pen.text((x, at[1]), run.text, 255, font, anchor="ls", direction=direction, stroke_width=stroke)
        x += _length(run, setting)
