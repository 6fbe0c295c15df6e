"""Reads shot lists from tables: CSV and TSV, and the rows of any table."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final

from callsheet.spec.separator import declared


@dataclass(frozen=True, slots=True)
class Row:
    """One shot as written. line: where it begins, from 1. cells: canonical column → text, none empty. lines:
    what is said in it, each with `who`, `text` and what stands beside it in a screenplay."""

    line: int
    cells: Mapping[str, str]
    lines: Sequence[Mapping[str, str]] = ()


class ShotListError(Exception):
    """A shot list that cannot be read. line: from 1, or 0 for the whole of it."""

    def __init__(self, line: int, message: str, help: str) -> None:
        super().__init__(message)
        self.line, self.message, self.help = line, message, help


ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("shot id", "key", "slug", "name", "shot name", "clip"),
    "scene": ("scene no", "scene number", "sc", "scene heading", "slugline", "sequence"),
    "shot": ("shot no", "shot number", "no", "nr", "number", "setup", "panel", "board", "frame"),
    "size": ("shot size", "framing", "shot type", "type", "field size"),
    "angle": ("camera angle", "shot angle"),
    "move": ("movement", "camera movement", "camera move", "camera", "moves"),
    "lens": ("focal length", "lens mm"),
    "description": ("action", "shot description", "visual", "visuals", "what happens", "content", "subject"),
    "prompt": ("image prompt", "visual prompt", "ai prompt", "text prompt", "positive prompt"),
    "motion": ("motion prompt", "video prompt", "animation", "animation prompt"),
    "dialogue": ("dialog", "line", "lines", "voice over", "voiceover", "vo", "narration", "script", "speech"),
    "audio": ("sound", "sfx", "sound effects", "music", "sound design"),
    "duration": ("dur", "length", "seconds", "secs", "sec", "duration s", "duration sec", "runtime"),
    "refs": ("references", "reference", "reference images", "ref images", "continuity", "assets"),
    "image": ("still", "picture", "keyframe", "first frame", "drawing", "thumbnail"),
    "model": ("model lane", "engine", "lane"),
    "seed": (),
    "negative": ("negative prompt", "avoid", "exclude"),
    "transition": ("cut", "transitions"),
    "notes": ("note", "comment", "comments", "remarks", "risk", "status"),
}
"""Canonical column → its other headers, in the form that `plain` gives."""

CANONICAL: Final[Mapping[str, str]] = {
    header: column for column, others in ALIASES.items() for header in (column, *others)
}


def plain(header: str) -> str:
    """A header without case and marks: `**Scene #**` is `scene no`, `Duration (s)` is `duration s`."""
    text = re.sub(r"(?<=\w)\s*#", " no", header.strip().lower())
    return " ".join(re.sub(r"[^\w]+|_", " ", text).split()) or ("no" if "#" in header else "")


def column(header: str) -> str | None:
    """The canonical column of a header, or None for an unknown one."""
    return CANONICAL.get(plain(header))


Line = tuple[int, Sequence[str]]
"""A line's number, from 1, and its cells."""
Tell = Callable[[str], None]
"""Takes a sentence about what was left out of a list."""

MOST_COLUMNS: Final = 200


def delimited(text: str, delimiter: str, tell: Tell) -> Iterator[Row]:
    """The rows of a CSV or TSV text. delimiter: "" for the one that its first line names or has most of."""
    named, skipped = declared(text)
    rest = text[skipped:]
    lines = _cells(rest, named or delimiter or _delimiter(rest), 2 if skipped else 1)
    yield from rows(lines, "save the list as CSV with a header line", tell)


def _delimiter(text: str) -> str:
    first = text.lstrip("\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _cells(text: str, delimiter: str, first: int) -> Iterator[Line]:
    """The lines of a table whose first line has the number `first` in the file."""
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    number = first
    try:
        for cells in reader:
            yield number, cells
            number = first + reader.line_num
    except csv.Error as error:
        help = 'put text with commas or line breaks in double quotes, and write `""` for one inside'
        raise ShotListError(number, f"this is no line of a table: {error}", help) from None


def rows(lines: Iterator[Line], help: str, tell: Tell) -> Iterator[Row]:
    """The rows of one table. A scene counts for rows below that leave theirs empty, as merged cells do."""
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    header = next(filled, None)
    if header is None:
        raise ShotListError(0, "the shot list is empty", help)
    columns = _columns(*header, tell)
    scene = ""
    for number, cells in filled:
        if len(cells) > len(columns):
            message = f"this line has {len(cells)} cells, the header {len(columns)}"
            raise ShotListError(number, message, "quote text that holds the separator")
        named = _named(columns, cells)
        scene = named.get("scene", scene)
        yield Row(number, {**named, "scene": scene} if scene else named)


def _columns(number: int, headers: Sequence[str], tell: Tell) -> list[str | None]:
    """The column of each header. Tells which headers have none."""
    columns = [column(header) for header in headers]
    if not any(columns) or len(columns) > MOST_COLUMNS:
        shown = ", ".join(f"`{header.strip()[:30]}`" for header in headers[:8])
        raise ShotListError(
            number, f"none of these is a column of a shot list: {shown}", f"name some {', '.join(ALIASES)}"
        )
    unknown = [h.strip()[:30] for h, name in zip(headers, columns, strict=True) if not name and h.strip()]
    if unknown:
        several = "these columns are" if len(unknown) > 1 else "this column is"
        tell(f"line {number}: {several} not read: {', '.join(f'`{header}`' for header in unknown[:8])}")
    return columns


def _named(columns: Sequence[str | None], cells: Sequence[str]) -> Mapping[str, str]:
    """Where two columns mean the same, the first that is filled counts."""
    named: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name is not None and (text := cell.strip()):
            named.setdefault(name, text)
    return named
