"""Setting text: cleaned, cut into lines that fit, each character in a font that has it.

Sizes are pixels of the em square.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Final

from PIL import Image, ImageDraw, ImageFont

from callsheet.nodes.media.text.characters import JOINERS, RIGHT_TO_LEFT, clusters, is_emoji, is_rtl
from callsheet.nodes.media.text.fonts import Face, face_of, face_of_all

Color = tuple[int, int, int]

EMOJI_ADVANCE: Final = 1.2
LEADING: Final = 1.28
MAX_CHARACTERS: Final = 3000
ELLIPSIS: Final = "…"
NEVER_FIRST: Final = "、。，．！？：；）」』】〉》’”…,.!?:;)]}"


def clean(text: str) -> str:
    """`text` on one line: no control, direction or zero-width characters, single spaces, bounded length."""
    text = unicodedata.normalize("NFC", text[: 4 * MAX_CHARACTERS])
    kept = (" " if c.isspace() else c for c in text if c.isspace() or _is_visible(c))
    return " ".join("".join(kept).split())[:MAX_CHARACTERS]


def _is_visible(char: str) -> bool:
    return char in JOINERS or unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co", "Cn")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines of text at one size. rtl: whether the text as a whole runs from right to left."""

    lines: tuple[str, ...]
    size: int
    rtl: bool = False

    @property
    def leading(self) -> int:
        return round(self.size * LEADING)

    @property
    def height(self) -> int:
        return self.leading * len(self.lines)


def fitted(text: str, width: int, height: int, largest: int, smallest: int) -> Block:
    """`text` as large as it can stand in `width` x `height`, cut with an ellipsis at the smallest size."""
    low, high = smallest, max(smallest, largest)
    best = Block(tuple(wrapped(text, width, low)), low, is_rtl(text))
    if best.height > height:
        return _cut(best, width, height)
    while low < high:
        middle = (low + high + 1) // 2
        block = Block(tuple(wrapped(text, width, middle)), middle, best.rtl)
        if block.height <= height and not _is_broken(text, block):
            low, best = middle, block
        else:
            high = middle - 1
    return best


def _is_broken(text: str, block: Block) -> bool:
    """Whether a word had to be cut that could stand whole in a smaller size."""
    return any(len(word) < 24 and not any(word in line for line in block.lines) for word in _words(text))


def _cut(block: Block, width: int, height: int) -> Block:
    room = max(1, height // block.leading)
    kept = list(block.lines[:room])
    kept[-1] = shortened(kept[-1] + ELLIPSIS, width, block.size)
    return Block(tuple(kept), block.size, block.rtl)


def shortened(text: str, width: float, size: int) -> str:
    """`text` cut to `width` pixels, with an ellipsis where something is missing; "" when nothing fits."""
    if length(text, size) <= width:
        return text
    parts = list(clusters(text.removesuffix(ELLIPSIS)))
    low, high = 0, len(parts)
    while low < high:
        middle = (low + high + 1) // 2
        if length("".join(parts[:middle]).rstrip() + ELLIPSIS, size) <= width:
            low = middle
        else:
            high = middle - 1
    return "".join(parts[:low]).rstrip() + ELLIPSIS if low else ""


def wrapped(text: str, width: float, size: int) -> Iterator[str]:
    """Lines no wider than `width`; words longer than a line are broken."""
    line = ""
    for word in _words(text):
        for piece in _pieces(word, width, size):
            if line and piece.strip() and length(line + piece, size) > width:
                head = _head(piece)
                yield (line + head).rstrip()
                line, piece = "", piece[len(head) :]
            if line or piece.strip():
                line += piece
    if line.strip():
        yield line.rstrip()


def _head(piece: str) -> str:
    """The marks at the start of `piece` that stay on the line before, three at the most."""
    return piece[: next((i for i, c in enumerate(piece[:3]) if c not in NEVER_FIRST), min(3, len(piece)))]


def _words(text: str) -> Iterator[str]:
    """Words and the spaces between them; wide characters (Han, kana, Hangul) stand alone."""
    for kind, group in groupby(clusters(text), _kind):
        if kind == "wide":
            yield from group
        else:
            yield "".join(group)


def _kind(cluster: str) -> str:
    if cluster == " ":
        return "space"
    return "wide" if unicodedata.east_asian_width(cluster[0]) in "WF" else "word"


def _pieces(word: str, width: float, size: int) -> Iterator[str]:
    if length(word, size) <= width:
        yield word
        return
    piece = ""
    for cluster in clusters(word):
        if piece and length(piece + cluster, size) > width:
            yield piece
            piece = ""
        piece += cluster
    yield piece


@lru_cache(maxsize=50_000)
def length(text: str, size: int, rtl: bool | None = None) -> float:
    """The width of `text` in pixels at `size`; `rtl` as for `draw`."""
    runs = _runs(text, is_rtl(text) if rtl is None else rtl)
    return sum(_run_length(face, run, size) for face, run in runs)


def _run_length(face: Face | None, run: str, size: int) -> float:
    if face is None:
        return _box_width(run) * size
    if face.emoji:
        return EMOJI_ADVANCE * size * sum(1 for _ in clusters(run))
    return face.font(size).getlength(run)


def _runs(text: str, rtl: bool) -> list[tuple[Face | None, str]]:
    """Stretches of one font, in reading order. A word is not torn between fonts where one has all of it;
    a line from right to left is shaped as one.
    """
    lead = next((face_of(c) for c in text if rtl and unicodedata.bidirectional(c) in RIGHT_TO_LEFT), None)
    runs: list[tuple[Face | None, str]] = []
    for word in re.split("( )", text):
        whole = lead if lead and _has(lead, word) else _face_of_word(word)
        for cluster in clusters(word):
            face = whole or face_of(cluster[0])
            if runs and (runs[-1][0] == face or (cluster == " " and _has(runs[-1][0], " "))):
                runs[-1] = runs[-1][0], runs[-1][1] + cluster
            else:
                runs.append((face, cluster))
    return runs


def _face_of_word(word: str) -> Face | None:
    """The font for all of a word, if there is one: the first of those looked up by name that has all of it,
    or else that of one of its characters."""
    if any(is_emoji(c) for c in word):
        return None
    letters = "".join(c for c in word if c not in JOINERS)
    return face_of_all(letters) or next((f for f in map(face_of, letters) if _has(f, word)), None)


def _has(face: Face | None, text: str) -> bool:
    return (
        face is not None and not face.emoji and all(ord(c) in face.covers for c in text if c not in JOINERS)
    )


def draw(
    image: Image.Image,
    xy: tuple[float, float],
    text: str,
    size: int,
    color: Color,
    rtl: bool | None = None,
) -> None:
    """Set one line of `text`; `xy` is the left end of its base line. `rtl` is the direction of the text
    that the line is a part of; without it the line decides.
    """
    x, baseline = xy
    rtl = is_rtl(text) if rtl is None else rtl
    runs = _runs(text, rtl)
    for face, run in reversed(runs) if rtl else runs:
        _draw_run(image, (x, baseline), face, run, size, color, rtl)
        x += _run_length(face, run, size)


def _draw_run(
    image: Image.Image,
    xy: tuple[float, float],
    face: Face | None,
    run: str,
    size: int,
    color: Color,
    rtl: bool,
) -> None:
    if face is None:
        _draw_boxes(image, xy, run, size, color)
    elif face.emoji:
        _draw_emoji(image, xy, face, run, size, color)
    else:
        font = face.font(size)
        shapes = font.layout_engine == ImageFont.Layout.RAQM
        direction = ("rtl" if rtl else "ltr") if shapes else None
        ImageDraw.Draw(image).text(xy, run, color, font, anchor="ls", direction=direction)


def _draw_emoji(
    image: Image.Image, xy: tuple[float, float], face: Face, run: str, size: int, color: Color
) -> None:
    for i, cluster in enumerate(clusters(run)):
        glyph = _emoji(face, cluster, size, color)
        left = round(xy[0] + size * EMOJI_ADVANCE * i + (size * EMOJI_ADVANCE - glyph.width) / 2)
        image.paste(glyph, (left, round(xy[1] - size * 0.36 - glyph.height / 2)), glyph)


@lru_cache(maxsize=500)
def _emoji(face: Face, cluster: str, size: int, color: Color) -> Image.Image:
    """One pictograph as RGBA, about as tall as a capital letter with its accents."""
    font = face.font(size)
    left, top, right, bottom = (round(edge) for edge in font.getbbox(cluster))
    glyph = Image.new("RGBA", (max(1, right - left), max(1, bottom - top)), (*color, 0))
    ImageDraw.Draw(glyph).text((-left, -top), cluster, color, font, embedded_color=True)
    scale = size * 1.08 / max(glyph.size)
    return glyph.resize((max(1, round(glyph.width * scale)), max(1, round(glyph.height * scale))))


def _draw_boxes(image: Image.Image, xy: tuple[float, float], run: str, size: int, color: Color) -> None:
    """Tidy empty boxes for what no font here can draw."""
    pen = ImageDraw.Draw(image)
    x = xy[0]
    for cluster in clusters(run):
        advance = _box_width(cluster) * size
        if cluster.strip():
            box = (x + size * 0.08, xy[1] - size * 0.72, x + advance - size * 0.08, xy[1] + size * 0.04)
            pen.rounded_rectangle(box, size * 0.1, outline=color, width=max(1, size // 18))
        x += advance


def _box_width(run: str) -> float:
    """The width of the boxes for `run`, in ems."""
    widths: Sequence[float] = [
        0.3 if c == " " else 1.0 if unicodedata.east_asian_width(c[0]) in "WF" else 0.62
        for c in clusters(run)
    ]
    return sum(widths)
