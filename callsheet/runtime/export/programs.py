"""The editing programs: which formats each reads, and what it does with them.

After what the makers document and what users of exchange tools report (2026); none of them was run here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.runtime.export.cut import EditCut
from callsheet.runtime.export.formats import FORMATS, Program


@dataclass(frozen=True, slots=True)
class Editor:
    """An editing program. name: as people call it. reads: the formats that it reads, the best one first.
    open: what to click. markers: how the markers of an EDL come. lacks: what it does not take from the best
    one, in sentences. merges: whether it keeps one marker for each frame."""

    name: str
    reads: tuple[str, ...]
    open: str
    markers: str = ""
    lacks: tuple[str, ...] = ()
    merges: bool = False


EDITORS: Final[dict[Program, Editor]] = {
    "premiere": Editor(
        "Premiere",
        ("fcp7", "otio", "edl", "srt"),
        "File, Import, the .xml. If media are offline, Link Media, and choose the folder media.",
        "",
        ("Premiere does not take the colours of markers from XML.",),
    ),
    "resolve": Editor(
        "Resolve",
        ("otio", "otioz", "fcp7", "fcpxml", "edl", "srt"),
        "Set the frame rate of the project first. File, Import, Timeline, the .otio. If it asks for media,"
        " choose the folder media.",
        "Markers of an EDL come with a right click on the timeline: Timelines, Import, Timeline Markers from"
        " EDL, the .markers.edl.",
        ("Resolve keeps one marker for each frame: export --for resolve makes one of several.",),
        merges=True,
    ),
    "finalcut": Editor(
        "Final Cut Pro",
        ("fcpxml", "srt"),
        "File, Import, XML, the .fcpxml. It names the media from its own place: keep the folder together.",
        "",
        ("Markers of Final Cut are blue; done tasks are green, open ones red.",),
        merges=True,
    ),
    "avid": Editor(
        "Media Composer",
        ("edl", "otio"),
        "Link the folder media first. File, Input, EDL, the .edl; or, in versions that read OpenTimelineIO,"
        " the .otio.",
        "In the Markers window, Import Markers, the .markers.txt.",
        (
            "Media Composer takes the cuts and dissolves of one track from an EDL, and no sound.",
            "No AAF is written: the stems are imported as files, and begin at their time code.",
        ),
    ),
    "kdenlive": Editor(
        "Kdenlive",
        ("mlt", "otio", "srt"),
        "Open the .mlt. Shotcut opens it, too.",
        "",
        ("MLT holds no markers.",),
    ),
}


def formats_for(program: Program) -> tuple[str, ...]:
    """The formats that are written where none is asked for."""
    return EDITORS[program].reads[:1] if program in EDITORS else ("otio",)


def not_read(program: Program, formats: Sequence[str]) -> Iterator[str]:
    """Formats that were asked for and that the program does not read, in sentences."""
    editor = EDITORS.get(program)
    for form in formats if editor else ():
        if editor and form in TIMELINES and form not in editor.reads:
            yield f"{editor.name} does not read -f {form}: it reads -f {editor.reads[0]}"


def short_handles(cut: EditCut, least: int) -> Iterator[str]:
    """Shots with fewer frames before or after what is shown than an editor asked for, in a sentence."""
    found = []
    for clip in cut.clips:
        before, after = clip.handles(cut.rate)
        if clip.medium and clip.medium.rate and min(before, after) < least:
            found.append(f"{clip.number} ({before} before, {after} after)")
    if found:
        more = f", and {len(found) - MOST_NAMED} more" if len(found) > MOST_NAMED else ""
        yield f"handles of fewer than {least} frames: shot {', '.join(found[:MOST_NAMED])}{more}"


TIMELINES: Final = tuple(form for form in FORMATS if form not in ("csv", "srt", "vtt", "zip"))
MOST_NAMED: Final = 20
