"""Reads shot lists from tables: CSV, TSV and Markdown."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Final


@dataclass(frozen=True, slots=True)
class Row:
    """One shot as written. line: where it begins, from 1. cells: canonical column → text, none empty."""

    line: int
    cells: Mapping[str, str]


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

BAR: Final = re.compile(r"(?<!\\)\|")
BREAK: Final = re.compile(r"<br\s*/?>", re.IGNORECASE)
MOST_COLUMNS: Final = 200


def delimited(text: str, delimiter: str) -> Iterator[Row]:
    """The rows of a CSV or TSV text. delimiter: "" for the one that its first line has most of."""
    lines = _cells(text, delimiter or _delimiter(text))
    yield from _rows(lines, "save the list as CSV with a header line")


def markdown(text: str) -> Iterator[Row]:
    """The rows of the first Markdown table in a text."""
    lines = text.split("\n")
    rule = next((i for i, line in enumerate(lines) if i and "|" in lines[i - 1] and is_rule(line)), None)
    if rule is None:
        help = "write `| id | prompt |`, then `|---|---|`, then a line for each shot"
        raise ShotListError(0, "there is no Markdown table in it", help)
    yield from _rows(_barred(lines, rule), "write `| id | prompt |` above the line of dashes")


def is_rule(line: str) -> bool:
    """Whether a line is that under the header of a Markdown table: `|---|:--|`."""
    return "-" in line and "|" in line and not line.strip("|:- \t")


def _delimiter(text: str) -> str:
    first = text.lstrip("\n").split("\n", 1)[0]
    return max(",;\t", key=first.count)


def _cells(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(StringIO(text), delimiter=delimiter, strict=True)
    number = 1
    try:
        for cells in reader:
            yield number, cells
            number = reader.line_num + 1
    except csv.Error as error:
        help = 'put text with commas or line breaks in double quotes, and write `""` for one inside'
        raise ShotListError(number, f"this is no line of a table: {error}", help) from None


def _barred(lines: Sequence[str], rule: int) -> Iterator[Line]:
    """The header above the rule, and the lines below it up to the first without a bar."""
    yield rule, _between_bars(lines[rule - 1])
    for number, line in enumerate(lines[rule + 1 :], rule + 2):
        if "|" not in line:
            return
        yield number, _between_bars(line)


def _between_bars(line: str) -> list[str]:
    inner = line.strip().removeprefix("|")
    inner = inner[:-1] if inner.endswith("|") and not inner.endswith("\\|") else inner
    return [BREAK.sub("\n", cell).replace("\\|", "|").strip() for cell in BAR.split(inner)]


def _rows(lines: Iterator[Line], help: str) -> Iterator[Row]:
    filled = ((number, cells) for number, cells in lines if any(cell.strip() for cell in cells))
    header = next(filled, None)
    if header is None:
        raise ShotListError(0, "the shot list is empty", help)
    columns = _columns(*header)
    for number, cells in filled:
        if len(cells) > len(columns):
            message = f"this line has {len(cells)} cells, the header {len(columns)}"
            raise ShotListError(number, message, "quote text that holds the separator")
        yield Row(number, _named(columns, cells))


def _columns(number: int, headers: Sequence[str]) -> list[str | None]:
    columns = [column(header) for header in headers]
    if not any(columns) or len(columns) > MOST_COLUMNS:
        shown = ", ".join(f"`{header.strip()[:30]}`" for header in headers[:8])
        raise ShotListError(
            number, f"none of these is a column of a shot list: {shown}", f"name some {', '.join(ALIASES)}"
        )
    return columns


def _named(columns: Sequence[str | None], cells: Sequence[str]) -> Mapping[str, str]:
    """Where two columns mean the same, the first that is filled counts."""
    named: dict[str, str] = {}
    for name, cell in zip(columns, cells, strict=False):
        if name is not None and (text := cell.strip()):
            named.setdefault(name, text)
    return named
