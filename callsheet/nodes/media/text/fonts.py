"""The fonts of this machine: which one draws which character.

Pillow's own font comes first, so Latin text looks the same everywhere; for the rest the fonts that systems
ship are looked up by file name in the usual folders.
"""

from __future__ import annotations

import logging
import os
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from PIL import ImageFont

from callsheet.nodes.media.text.characters import is_emoji
from callsheet.nodes.media.text.coverage import Coverage, coverage

if TYPE_CHECKING:
    from PIL.ImageFont import FreeTypeFont

log = logging.getLogger(__name__)

ENDINGS: Final = (".ttf", ".otf", ".ttc")
MAX_FILES: Final = 20_000
EMOJI: Final = ("notocoloremoji", "apple color emoji", "seguiemj", "notoemoji-regular", "symbola")
PREFERRED: Final = (
    *("dejavusans", "notosans-regular", "segoeui", "arial unicode", "arialuni", "arial"),
    *("notosansarabic-regular", "geezapro", "notosanshebrew-regular", "arialhb"),
    *("notosanscjk-regular", "notosanscjksc-regular", "notosanscjkjp-regular", "sourcehansans-regular"),
    *("pingfang", "hiragino sans gb", "ヒラギノ角ゴシック w3", "stheiti light", "applesdgothicneo"),
    *("msyh", "yugothm", "meiryo", "msgothic", "malgun", "simsun", "mingliu"),
    *("wqy-microhei", "wqy-zenhei", "droidsansfallbackfull", "droidsansfallback", "nanumgothic", "unbatang"),
    *("nirmala", "leelawui", "kohinoor", "thonburi", "notosansdevanagari-regular", "notosansthai-regular"),
    *("freesans", "gnu unifont", "unifont"),
)
"""File names without ending, in lower case, in order of choice."""

BITMAP_SIZES: Final = (109, 160, 136, 128, 96, 64)
"""Pixel sizes that emoji fonts made of bitmaps come in."""


@dataclass(frozen=True, slots=True)
class Face:
    """One font. path: its file, None for Pillow's own. emoji: glyphs bring their own colours."""

    path: Path | None
    emoji: bool = False
    covers: Coverage = field(default=Coverage(()), compare=False, repr=False)

    def font(self, size: int) -> FreeTypeFont:
        """The font at `size` pixels, cached; a bitmap font at the one size it has."""
        return _loaded(self.path, size)


def face_of(char: str) -> Face | None:
    """The font that draws `char`, or None when no font of this machine does (said once in the log)."""
    face = _face_of(char)
    if face is None:
        _tell_missing(_script(char))
    return face


def face_of_all(text: str) -> Face | None:
    """The first font of those looked up by name that draws every character of `text`, if one does."""
    points = set(map(ord, text))
    return next((f for f in _faces() if not f.emoji and all(point in f.covers for point in points)), None)


@cache
def own() -> Face:
    """Pillow's own font: Latin, the same on every machine."""
    font = cast("FreeTypeFont", ImageFont.load_default(16))
    return Face(None, covers=coverage(font.font_bytes))


@cache
def _face_of(char: str) -> Face | None:
    point = ord(char)
    faces = _faces()
    if is_emoji(char):
        faces = sorted(faces, key=lambda face: not face.emoji)
    return next((face for face in faces if point in face.covers), None) or _anywhere(point)


@cache
def _faces() -> list[Face]:
    known = _files()
    plain = [_face(known[name], emoji=False) for name in PREFERRED if name in known]
    emoji = [_face(known[name], emoji=True) for name in EMOJI if name in known]
    return [own(), *plain, *emoji]


@cache
def _face(path: Path, emoji: bool) -> Face:
    try:
        return Face(path, emoji, coverage(path.read_bytes()))
    except OSError:
        return Face(path, emoji)


def _anywhere(point: int) -> Face | None:
    """A font that no list names; regular cuts before bold and slanted ones."""
    ranked = sorted(_files().items(), key=lambda item: (_is_cut(item[0]), item[0]))
    faces = (_face(path, emoji=False) for _, path in ranked)
    return next((face for face in faces if point in face.covers), None)


def _is_cut(name: str) -> bool:
    return any(cut in name for cut in ("bold", "italic", "oblique", "light", "thin", "black", "mono"))


@cache
def _files() -> dict[str, Path]:
    """Font files by name without ending, in lower case."""
    found: dict[str, Path] = {}
    for count, path in enumerate(_walk()):
        if count > MAX_FILES:
            break
        if path.suffix.lower() in ENDINGS:
            found.setdefault(path.stem.lower(), path)
    return found


def _walk() -> Iterator[Path]:
    for folder in _folders():
        for place, inner, names in os.walk(folder):
            inner.sort()
            yield from (Path(place, name) for name in sorted(names))


def _folders() -> Iterator[Path]:
    """Where Linux, macOS and Windows keep fonts, the system's before the person's."""
    yield from map(
        Path, ("/usr/share/fonts", "/usr/local/share/fonts", "/System/Library/Fonts", "/Library/Fonts")
    )
    if windows := os.environ.get("WINDIR"):
        yield Path(windows, "Fonts")
    if local := os.environ.get("LOCALAPPDATA"):
        yield Path(local, "Microsoft", "Windows", "Fonts")
    if home := os.environ.get("HOME"):
        yield from (Path(home, ".local/share/fonts"), Path(home, ".fonts"), Path(home, "Library/Fonts"))


@cache
def _loaded(path: Path | None, size: int) -> FreeTypeFont:
    if path is None:
        return cast("FreeTypeFont", ImageFont.load_default(size))
    for candidate in (size, *BITMAP_SIZES):
        try:
            return ImageFont.truetype(str(path), candidate)
        except OSError:
            continue
    return cast("FreeTypeFont", ImageFont.load_default(size))


def _script(char: str) -> str:
    """A rough name of the script: the first word of the character's Unicode name."""
    return unicodedata.name(char, "unnamed").split()[0].split("-")[0].lower()


@cache
def _tell_missing(script: str) -> None:
    log.warning(
        "no font on this machine draws %s characters; the preview shows boxes for them "
        "(install a Noto font for the script)",
        script,
    )
