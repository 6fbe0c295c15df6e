"""The fonts that text in films is set in: the same on every machine, whatever is installed there.

A file of the person's own comes first. Noto Sans comes with callsheet: Latin, Greek and Cyrillic. The extra
`fonts` brings the other scripts as packages of fonts.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.text.characters import JOINERS, clusters
from callsheet.nodes.media.text.coverage import Coverage, coverage, is_coloured, is_whole

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

SHIPPED: Final = Path(__file__).parent / "files"
UPRIGHT, ITALIC, SYMBOLS = (
    SHIPPED / f"{name}-Variable.ttf" for name in ("NotoSans", "NotoSans-Italic", "NotoSansSymbols")
)
PACKAGES: Final = ("manimgx_fonts", "manimgx_fonts_cjk")
"""What the extra `fonts` installs: files named `NotoSansArabic[wght].ttf`, and one collection for Chinese,
Japanese and Korean."""
LATIN: Final = ("NotoSans[", "NotoSans-", "NotoSansSymbols")
EMOJI: Final = "NotoEmoji"
COLLECTED: Final = {"ja": 0, "ko": 1, "zh-Hans": 2, "zh-Hant": 3}
"""Language → its face in the collection: Han characters look different in each."""
STARTS: Final = (b"\0\1\0\0", b"OTTO", b"ttcf", b"true")
SELECTORS: Final = ("\ufe0e", "\ufe0f")
LARGEST: Final = 64 * 1024 * 1024
REGULAR, BOLD = 400, 700


@dataclass(frozen=True, slots=True)
class Typeface:
    """A font file. index: the face of a collection. stamp: when the file was written, in nanoseconds; 0 for
    those that are installed."""

    path: Path
    index: int = 0
    stamp: int = 0
    covers: Coverage = field(default=Coverage(()), compare=False, repr=False)

    @property
    def emoji(self) -> bool:
        """Whether it is the font of emoji."""
        return self.path.name.startswith(EMOJI)

    def has(self, text: str) -> bool:
        """Whether it draws every character; what only joins or selects does not count."""
        chars = [char for char in text if char not in (*JOINERS, *SELECTORS)]
        if not all(ord(char) in self.covers for char in chars):
            return False
        return not self.stamp or all(_is_drawn(self, char) for char in chars)

    def font(self, size: int, weight: int) -> FreeTypeFont:
        """The font at `size` pixels; `weight` 400 (regular) to 700 (bold) where it can vary."""
        return _loaded(self, size, weight)


Family = tuple[Typeface, ...]


def family(own: Path | None = None, italic: bool = False, language: str = "") -> Family:
    """The fonts in order of choice. own: a font file. language: of the text, as in `COLLECTED`.

    Raises NodeError (*local*) when `own` is no font, or one of coloured pictures.
    """
    installed = _installed(italic, COLLECTED.get(language, 0))
    return (_own(own, own.stat().st_mtime_ns), *installed) if own else installed


def missing(text: str, fonts: Family) -> list[str]:
    """The characters that none of the fonts draws, each once, in order."""
    found = (
        cluster for cluster in clusters(text) if not cluster.isspace() and face_of(cluster, fonts) is None
    )
    return list(dict.fromkeys(found))


def face_of(text: str, fonts: Family) -> Typeface | None:
    """The first font that draws all of `text`."""
    return next((face for face in fonts if face.has(text)), None)


@cache
def _installed(italic: bool, index: int) -> Family:
    """Those of callsheet and of the packages. index: the face of the collection."""
    shipped = [_face(path, 0) for path in (ITALIC if italic else UPRIGHT, SYMBOLS)]
    return (*shipped, *_packaged(index))


def _packaged(index: int) -> Iterator[Typeface]:
    for folder in map(_folder, PACKAGES):
        files = sorted(folder.glob("*.tt[fc]"), key=lambda path: (path.name.startswith(EMOJI), path.name))
        for path in files if folder != SHIPPED else ():
            if not path.name.startswith(LATIN):
                yield _face(path, index if path.suffix == ".ttc" else 0)


@cache
def _folder(package: str) -> Path:
    """Where a package of fonts lies; `SHIPPED` when it is not installed."""
    found = find_spec(package)
    places = list(found.submodule_search_locations or ()) if found else []
    return Path(places[0]) if places else SHIPPED


@cache
def _face(path: Path, index: int) -> Typeface:
    return Typeface(path, index, covers=coverage(path.read_bytes()))


@lru_cache(maxsize=16)
def _own(path: Path, stamp: int) -> Typeface:
    with path.open("rb") as file:
        data = file.read(LARGEST + 1)
    if is_coloured(data):
        raise NodeError(
            f"{path.name} is a font of coloured pictures, which are not drawn",
            "local",
            "pass a font with outlines; emoji in one colour are in `callsheet[fonts]`",
        )
    covers = coverage(data) if data.startswith(STARTS) and len(data) <= LARGEST else Coverage(())
    face = Typeface(path, 0, stamp, covers)
    try:
        face.font(20, REGULAR)
    except (OSError, ValueError):
        covers = Coverage(())
    if covers.ranges and not is_whole(data):
        raise NodeError(f"{path.name} is cut off: letters are missing", "local", "fetch the font again")
    if not covers.ranges:
        raise NodeError(
            f"{path.name} is no font that can be drawn at any size",
            "local",
            "pass a TrueType or OpenType file (.ttf, .otf) with outlines",
        )
    return face


@lru_cache(maxsize=4096)
def _is_drawn(face: Typeface, char: str) -> bool:
    """Whether the outline of a character can be read, in a file of which nobody knows who made it."""
    try:
        face.font(20, REGULAR).getmask(char)
    except (OSError, ValueError):
        return False
    return True


@lru_cache(maxsize=256)
def _loaded(face: Typeface, size: int, weight: int) -> FreeTypeFont:
    from PIL import ImageFont

    font = ImageFont.truetype(str(face.path), size, face.index)
    try:
        axes = font.get_variation_axes()
    except OSError:
        return font
    named = [_text(axis.get("name") or "") for axis in axes]
    values = [
        min(max(weight, axis["minimum"] or 0), axis["maximum"] or 0)
        if "weight" in name.lower()
        else axis["default"] or 0
        for name, axis in zip(named, axes, strict=True)
    ]
    font.set_variation_by_axes([float(value) for value in values])
    return font


def _text(name: object) -> str:
    return name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
