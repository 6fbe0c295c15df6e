"""The texts of an edit: each format that was asked for, in the dialect of a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.runtime.export import edl, fcp7, fcpxml, mlt
from callsheet.runtime.export.captions import as_srt, as_vtt
from callsheet.runtime.export.cut import EditCut
from callsheet.runtime.export.edl import as_avid_markers, as_edl, as_marker_edl
from callsheet.runtime.export.fcp7 import as_fcp7
from callsheet.runtime.export.fcpxml import as_fcpxml
from callsheet.runtime.export.formats import ENDINGS, Program
from callsheet.runtime.export.markers import merged
from callsheet.runtime.export.mlt import as_mlt
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.export.programs import EDITORS
from callsheet.runtime.export.shot_list import as_csv

MEDIA: Final = "media"
"""The folder of the media, beside the files of the edit."""
LEFT_OUT: Final[Mapping[str, Callable[[EditCut], Iterator[str]]]] = {
    "edl": edl.left_out,
    "fcp7": fcp7.left_out,
    "fcpxml": fcpxml.left_out,
    "mlt": mlt.left_out,
}
"""What a format cannot hold of an edit."""


def texts(
    cut: EditCut, formats: Sequence[str], program: Program, media: Path | None
) -> Iterator[tuple[str, str]]:
    """(ending of the name, text) of each format. program: whose dialect. media: the whole path of the folder
    of the media, for programs that want it; None where the folder will be elsewhere."""
    where = f"file://{_quoted(media)}" if media and program == "resolve" else f"./{MEDIA}"
    shown = _merged(cut) if program in EDITORS and EDITORS[program].merges else cut
    writers: Mapping[str, Callable[[], str]] = {
        "otio": lambda: as_otio(shown, MEDIA),
        "edl": lambda: as_edl(cut, program),
        "csv": lambda: "\ufeff" + as_csv(cut),
        "fcp7": lambda: as_fcp7(cut, media),
        "fcpxml": lambda: as_fcpxml(cut, where),
        "mlt": lambda: as_mlt(cut, MEDIA),
        "srt": lambda: as_srt(cut),
        "vtt": lambda: as_vtt(cut),
    }
    for form in dict.fromkeys(formats):
        if form in writers:
            yield f".{ENDINGS.get(form, form)}", writers[form]()
    if "edl" in formats and program == "resolve":
        yield ".markers.edl", as_marker_edl(cut)
    if "edl" in formats and program == "avid":
        yield ".markers.txt", as_avid_markers(cut)


def left_out(cut: EditCut, formats: Sequence[str]) -> Iterator[str]:
    """What the formats cannot hold of this edit, in sentences."""
    for form in formats:
        if form in LEFT_OUT:
            yield from LEFT_OUT[form](cut)


def _merged(cut: EditCut) -> EditCut:
    return replace(cut, markers=tuple(merged(cut.markers)))


def _quoted(path: Path) -> str:
    return path.absolute().as_uri().removeprefix("file://")
