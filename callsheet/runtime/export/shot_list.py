"""The edit as a table for people: a CSV with one line for each shot."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import StringIO
from typing import Final

from callsheet.runtime.export.cut import EditClip, EditCut
from callsheet.spec.timecode import timecode

COLUMNS: Final = (
    "number", "name", "address", "take", "track", "in", "out", "frames", "seconds", "source_in", "source_out",
    "handle_before", "handle_after", "speed", "dissolve", "reel", "file", "decision", "usd", "uses", "key",
    "digest", "prompt",
)  # fmt: skip
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""How a cell begins that a spreadsheet would compute."""


def as_csv(cut: EditCut) -> str:
    """The shots with their places as time code. `out` is the first frame after a shot."""
    text = StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for clip in cut.clips:
        writer.writerow([_cell(value) for value in _values(cut, clip)])
    return text.getvalue()


def _values(cut: EditCut, clip: EditClip) -> Iterator[object]:
    origin, medium = clip.origin, clip.medium
    before, after = clip.handles(cut.rate)
    yield from (clip.number, clip.name, origin.address, origin.take, clip.track + 1)
    yield from (timecode(cut.start + place, cut.rate) for place in (clip.at, clip.end))
    yield from (clip.frames, f"{float(clip.frames / cut.rate):.3f}")
    first = clip.start + (medium.begins_at(cut.rate) if medium else 0)
    yield from (timecode(place, cut.rate) for place in (first, first + clip.used))
    yield from (before, after, f"{float(clip.speed):g}", clip.dissolve)
    yield from (medium.reel if medium else "", medium.name if medium else "", origin.decision)
    yield "" if origin.usd is None else f"{origin.usd:.4f}".rstrip("0").rstrip(".")
    yield from (origin.uses, origin.key, medium.digest if medium else "", origin.prompt)


def _cell(value: object) -> str:
    """Text that a spreadsheet shows and does not compute."""
    text = str(value)
    return f"'{text}" if text.startswith(FORMULA) else text
