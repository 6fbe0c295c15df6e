"""Writes the folder that a film is handed over in: its edit in several formats, and the media beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.runtime.export import edl, fcp7, fcpxml
from callsheet.runtime.export.captions import as_srt, as_vtt
from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.edl import as_edl
from callsheet.runtime.export.fcp7 import as_fcp7
from callsheet.runtime.export.fcpxml import as_fcpxml
from callsheet.runtime.export.formats import ENDINGS, OTIOZ, WITH_MEDIA, WITH_TRACKS, Program
from callsheet.runtime.export.markers import markers
from callsheet.runtime.export.mlt import as_mlt
from callsheet.runtime.export.otio import as_otio
from callsheet.runtime.export.otioz import bundle_digest, write_bundle
from callsheet.runtime.export.read_cut import read_cut
from callsheet.runtime.export.shot_list import as_csv
from callsheet.runtime.export.start_codes import Coded, with_start_codes
from callsheet.runtime.export.stems import FilmStems, with_stems
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.films import require_own_folder
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.manifest import Entry
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.project import OUT
from callsheet.spec.timecode import frame_of

MEDIA: Final = "media"
"""The folder of the media, beside the files of the edit."""
LEFT_OUT: Final = {"edl": edl.left_out, "fcp7": fcp7.left_out, "fcpxml": fcpxml.left_out}
"""What a format cannot hold of an edit."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is handed over. formats: names of `formats.FORMATS`. target: the folder, None for
    `out`/<name>/handover. output: the output that is the film, "" for the first that was joined. start: the
    time code at which it begins. program: whose dialect an EDL is in."""

    formats: Sequence[str] = ("otio",)
    target: Path | None = None
    output: str = ""
    start: str = "01:00:00:00"
    program: Program = "any"


@dataclass(frozen=True, slots=True)
class Handover:
    """What was written. files: those of the edit. media: how many files. relink: media whose bytes are others
    than the last time, by name. notes: what the formats do not hold, and what to tell of files of others."""

    files: tuple[Path, ...]
    media: int
    relink: tuple[str, ...]
    notes: tuple[str, ...]


def hand_over(
    workspace: Workspace, graph: Graph, asked: Asked, store: str = "", preview: bool = False
) -> Handover:
    """Write the edit of a film that is made, and its media. store: the folder or URL of a shared store; what
    is only there is downloaded. preview: of the last preview.

    Raises InputError where the film is not made or joined from nothing, for a wrong time code, and where
    nothing can be written; StoreError.
    """
    now = project_state(graph, workspace, preview, store=store)
    now = now.with_files(list(now.graph.instances.values()))
    layout = Layout.of(workspace.out(OUT), graph.name, preview, graph.section.profile)
    if asked.target is None:
        require_own_folder(layout, graph.path)
    with TemporaryDirectory() as folder:
        coded = _edit(now, workspace, asked, Path(folder))
        return _written(coded, now, asked, layout)


def _edit(now: ProjectState, workspace: Workspace, asked: Asked, folder: Path) -> Coded:
    """The edit with its markers, the parts of its sound, and time code."""
    cut = read_cut(now, workspace.ledger_reader(), asked.output)
    cut = replace(cut, start=frame_of(asked.start, cut.rate), markers=markers(cut))
    stems = FilmStems(now, film_of(now, asked.output)[0], folder)
    if any(form in WITH_TRACKS for form in asked.formats):
        cut = with_stems(cut, stems)
    return with_start_codes(cut, stems)


def _written(coded: Coded, now: ProjectState, asked: Asked, layout: Layout) -> Handover:
    """Write the files and the media."""
    target, below = asked.target or layout.handover, asked.target or layout.out
    media = _Media(target / MEDIA, below, coded) if any(f in WITH_MEDIA for f in asked.formats) else None
    cut = media.written() if media else coded.cut
    edits = OwnedFolder(target, below)
    files = tuple(_edits(edits, file_name(now.graph.name), replace(coded, cut=cut), asked, target))
    edits.close(complete=False)
    lacks = (LEFT_OUT[form](cut) for form in asked.formats if form in LEFT_OUT)
    heard = coded.stems.notes if coded.stems else ()
    told = (*now.notes, *cut.notes, *heard, *coded.notes, *chain.from_iterable(lacks))
    notes = tuple(dict.fromkeys((*told, *(media.folder.notes if media else ()), *edits.notes)))
    return Handover(files, len(cut.media) if media else 0, media.relink if media else (), notes)


def _edits(folder: OwnedFolder, stem: str, coded: Coded, asked: Asked, target: Path) -> Iterator[Path]:
    """Write the edit in each format that is asked for. stem: of the names of the files."""
    for form, text in _texts(coded.cut, asked, target):
        yield _write(folder, stem, form, text)
    if OTIOZ in asked.formats:
        yield _bundle(folder, stem, coded)


def _texts(cut: EditCut, asked: Asked, target: Path) -> Iterator[tuple[str, str]]:
    writers: Mapping[str, Callable[[], str]] = {
        "otio": lambda: as_otio(cut, MEDIA),
        "edl": lambda: as_edl(cut, asked.program),
        "csv": lambda: "\ufeff" + as_csv(cut),
        "fcp7": lambda: as_fcp7(cut, target / MEDIA),
        "fcpxml": lambda: as_fcpxml(cut, f"./{MEDIA}"),
        "mlt": lambda: as_mlt(cut, MEDIA),
        "srt": lambda: as_srt(cut),
        "vtt": lambda: as_vtt(cut),
    }
    for form in dict.fromkeys(asked.formats):
        if form in writers:
            yield form, writers[form]()


def _write(folder: OwnedFolder, stem: str, form: str, text: str) -> Path:
    content = text.encode("utf-8", "replace")
    digest = sha256(content).hexdigest()
    name = folder.claim(stem, f".{ENDINGS.get(form, form)}", digest)
    return folder.put(name, digest, "", partial(_new, [content]))


def _bundle(folder: OwnedFolder, stem: str, coded: Coded) -> Path:
    """The edit with its media in one file."""
    digest = bundle_digest(coded.cut)

    def write(new: Path) -> tuple[bool, str]:
        try:
            write_bundle(coded.cut, coded.content, new)
        except OSError as error:
            raise disk.explained(error, new) from error
        return False, ""

    return folder.put(folder.claim(stem, f".{OTIOZ}", digest), digest, "", write)


class _Media:
    """The folder of the media of an edit. relink: names whose bytes are others than before."""

    def __init__(self, target: Path, below: Path, coded: Coded) -> None:
        self.folder = OwnedFolder(target, below)
        self.coded = coded
        self.relink: tuple[str, ...] = ()

    def written(self) -> EditCut:
        """Copy the media; those that are there stay, and what only an earlier edit had is removed. Returns
        the edit with the names that they have there."""
        before, folder = dict(self.folder.manifest.files), self.folder
        media = {digest: self._put(medium) for digest, medium in self.coded.cut.media.items()}
        folder.close(complete=True)
        after = folder.manifest.files
        self.relink = tuple(n for n in folder.written if n in before and _other(before[n], after[n]))
        return self.coded.cut.with_media(media)

    def _put(self, medium: Medium) -> Medium:
        stem, _, ending = medium.name.rpartition(".")
        name = self.folder.claim(stem, f".{ending}", medium.digest)
        code = f"{medium.begins} {medium.rate or ''}".strip()
        self.folder.put(name, medium.digest, code, partial(_new, self.coded.content(medium)))
        return replace(medium, name=name)


def _other(before: Entry, now: Entry) -> bool:
    """Whether a file shows something else than before, or begins at another time code."""
    return (before.sha256, before.made) != (now.sha256, now.made)


def _new(content: Iterable[bytes], new: Path) -> tuple[bool, str]:
    disk.write_new(new, content, lasting=False)
    return False, ""
