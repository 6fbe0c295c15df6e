"""What is said to the person who gets the folder: how to open it, and what each format does not hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill
from typing import Final

from callsheet.runtime.export.cut import EditCut
from callsheet.runtime.export.formats import Program
from callsheet.runtime.export.programs import EDITORS
from callsheet.spec.timecode import timecode

WIDTH: Final = 88
"""Characters of a line."""
LACKS: Final = {
    "otio": "everything of the edit is in it",
    "otioz": "everything of the edit is in it, with the media",
    "edl": "no sound, no tracks above the first, no prices; the name and the prompt of a shot are comments",
    "fcp7": "no prices and digests; address, take, key and prompt are comments of a clip",
    "fcpxml": "markers have three colours; what is above the first track is connected to it",
    "mlt": "no markers, no prompts, no prices",
    "csv": "a table to read: no program makes a timeline of it",
    "srt": "the names of the shots as captions",
    "vtt": "the names of the shots as captions",
}
"""What each format does not hold of an edit."""


def as_readme(cut: EditCut, formats: Sequence[str], program: Program, notes: Sequence[str]) -> str:
    """The text. notes: what is not in the edit, in sentences."""
    lines = _lines(cut, formats, program, notes)
    return "\n".join(_wrapped(line) for line in lines) + "\n"


def _lines(cut: EditCut, formats: Sequence[str], program: Program, notes: Sequence[str]) -> Iterator[str]:
    rate = f"{float(cut.rate):.3f}".rstrip("0").rstrip(".")
    size = " x ".join(map(str, cut.size))
    yield from (_plain(cut.name), "")
    yield f"{len(cut.clips)} shots, {cut.frames} frames at {rate} frames a second, {size} pixels."
    yield (
        f"The film begins at {timecode(cut.start, cut.rate)}. Each file has a time code of its own, and its "
        "reel is the beginning of its digest. shots.html lists the shots with their pictures."
    )
    yield from ("", "To open it")
    for key, editor in EDITORS.items():
        if program == key or (program == "any" and editor.reads[0] in formats):
            yield f"- {editor.name}: {editor.open}"
            markers = (editor.markers,) if program == key and editor.markers and "edl" in formats else ()
            yield from (f"  {told}" for told in (*markers, *editor.lacks))
    yield from ("", "What each format does not hold")
    yield from (f"- {form}: {LACKS[form]}." for form in formats if form in LACKS)
    if notes:
        yield from ("", "What else is not in the edit")
        yield from (f"- {_plain(note)}" for note in notes)
    yield ""
    yield (
        "After a change of the film, export again: files keep their names, and the command says which have "
        "to be linked again. Take an edit over with: callsheet conform EDITED.otio PIPELINE.yaml"
    )


def _wrapped(line: str) -> str:
    """A line as several that fit on a page; those of a list stay below its dash."""
    inside = "  " if line.startswith(("- ", "  ")) else ""
    return fill(line, WIDTH, subsequent_indent=inside, break_long_words=False, break_on_hyphens=False)


def _plain(text: str) -> str:
    return " ".join(text.split())
