"""Writes the folder that a film is handed over in: its edit in several formats, and the media beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime.export.beside import Beside, beside
from callsheet.runtime.export.cut import EditCut
from callsheet.runtime.export.formats import (
    IN_ZIP,
    OTIOZ,
    WITH_MEDIA,
    WITH_TRACKS,
    ZIP,
    Program,
)
from callsheet.runtime.export.markers import markers
from callsheet.runtime.export.media_folder import MediaFolder, new_file
from callsheet.runtime.export.note_markers import note_markers
from callsheet.runtime.export.otioz import bundle_digest, write_bundle
from callsheet.runtime.export.programs import formats_for, not_read, short_handles
from callsheet.runtime.export.read_cut import read_cut
from callsheet.runtime.export.readme import as_readme
from callsheet.runtime.export.shots_page import as_page, drawn, named
from callsheet.runtime.export.start_codes import Coded, with_start_codes
from callsheet.runtime.export.stems import FilmStems, with_stems
from callsheet.runtime.export.writers import MEDIA, left_out, texts
from callsheet.runtime.export.zipped import write_zip, zip_digest
from callsheet.runtime.joined_film import film_of
from callsheet.runtime.notes.review import NotesNow, notes_of
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.output.films import require_own_folder
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.output.row_folders import folders_of_rows
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.disk_errors import explained
from callsheet.spec.document import Document
from callsheet.spec.plural import plural
from callsheet.spec.project import OUT
from callsheet.spec.timecode import frame_of

Write = Callable[[Path], None]
"""Writes a new file. Raises OSError."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is handed over. formats: names of `formats.FORMATS`; none for what the program reads best. target:
    the folder, None for `out`/<name>/handover. output: the output that is the film, "" for the first that was
    joined. start: the time code at which it begins. program: whose dialect the formats are in. handles: the
    frames before and after each shot that the editor wants."""

    formats: Sequence[str] = ()
    target: Path | None = None
    output: str = ""
    start: str = "01:00:00:00"
    program: Program = "any"
    handles: int = 0

    @property
    def written(self) -> tuple[str, ...]:
        """The formats that are written, each once."""
        found = tuple(dict.fromkeys(self.formats)) or formats_for(self.program)
        if found == (ZIP,):
            return (*(formats_for(self.program) if self.program != "any" else IN_ZIP), ZIP)
        return found


@dataclass(frozen=True, slots=True)
class Handover(Document):
    """What was written. files: those of the edit. media: how many files. relink: media whose bytes are others
    than the last time, by name. gone: those that the edit shows no more. notes: what the formats do not hold,
    and what to tell of files of others."""

    files: tuple[Path, ...]
    media: int
    relink: tuple[str, ...]
    gone: tuple[str, ...]
    notes: tuple[str, ...]


def hand_over(
    workspace: Workspace, graph: Graph, asked: Asked, store: str = "", preview: bool = False
) -> Handover:
    """Write the edit of a film that is made, and its media. store: the folder or URL of a shared store; what
    is only there is downloaded. preview: of the last preview.

    Raises InputError where the film is not made or joined from nothing, for a wrong time code, and where
    nothing can be written; NodeError for a sound that cannot be read; StoreError.
    """
    now = project_state(graph, workspace, preview, store=store)
    now = now.with_files(list(now.graph.instances.values()))
    try:
        address, _ = film_of(now, asked.output)
    except InputError as error:
        raise _with_preview(error, workspace, graph, asked, preview) from None
    row = folders_of_rows(graph)[graph.instances[address].key[0]] if graph.rows else ""
    layout = Layout.of(workspace.out(OUT), graph.name, preview, graph.section.profile, row)
    if asked.target is None:
        require_own_folder(layout, graph.path)
    with TemporaryDirectory() as folder:
        stems = FilmStems(now, address, Path(folder))
        cut = read_cut(now, workspace.ledger_reader(), asked.output)
        coded = _coded(cut, stems, asked, notes_of(workspace, graph, now=now))
        return _Folder(asked, layout).written(coded, now, beside(now, address, stems.files))


def _with_preview(
    error: InputError, workspace: Workspace, graph: Graph, asked: Asked, preview: bool
) -> InputError:
    """The error for a film that is not made, with what to do where its preview is meant, or is there."""
    run = shell.command(["callsheet", "run", graph.path])
    if preview:
        return InputError(error.message, error.next_step.replace(run, f"{run} --preview"))
    try:
        film_of(project_state(graph, workspace, preview=True), asked.output)
    except InputError:
        return error
    words = shell.command(["callsheet", "export", str(graph.path), "--preview"])
    return InputError(error.message, f"{error.next_step}, or hand its preview over: {words}")


def _coded(cut: EditCut, stems: FilmStems, asked: Asked, notes: NotesNow) -> Coded:
    """The edit with its markers, the parts of its sound, and time code."""
    where = frame_of(asked.start, cut.rate)
    cut = replace(_marked(cut, notes), start=where)
    if asked.program == "avid" or any(form in WITH_TRACKS for form in asked.written):
        cut = with_stems(cut, stems)
    return with_start_codes(cut, stems)


def _marked(cut: EditCut, notes: NotesNow) -> EditCut:
    """The edit with a marker for each shot, gate and note."""
    said = note_markers(cut, notes.notes)
    told = [*cut.notes, *notes.problems]
    if said.hidden:
        told.append(f"{plural(said.hidden, 'note')} on pictures that the film does not show: no marker")
    return replace(cut, markers=markers(cut, said.markers), notes=tuple(told))


class _Folder:
    """The folder that is handed over."""

    def __init__(self, asked: Asked, layout: Layout) -> None:
        self.asked = asked
        self.target, self.below = asked.target or layout.handover, asked.target or layout.out
        self.with_media = any(form in WITH_MEDIA for form in asked.written)
        self.folders: dict[str, OwnedFolder] = {}

    def written(self, coded: Coded, now: ProjectState, others: Iterable[Beside]) -> Handover:
        """Write the files and the media. Raises InputError, NodeError, StoreError."""
        asked, stem = self.asked, file_name(now.graph.name)
        media = MediaFolder(self.target / MEDIA, self.below, coded) if self.with_media else None
        cut = media.written() if media else coded.cut
        heard = coded.stems.notes if coded.stems else ()
        told = (*now.notes, *cut.notes, *heard, *coded.notes, *left_out(cut, asked.written))
        told = (*told, *not_read(asked.program, asked.formats), *short_handles(cut, asked.handles))
        files = [*self._texts(cut, stem)]
        if OTIOZ in asked.written:
            files.append(self._bundle(replace(coded, cut=cut), stem))
        if self.with_media:
            files += self._about(cut, told)
            files += self._beside(others)
        if ZIP in asked.written:
            files.append(self._zip(cut, stem, files))
        notes = [*told, *(media.notes if media else ())]
        for name, folder in self.folders.items():
            folder.close(complete=bool(name))
            notes += folder.notes
        relink, gone = (media.relink, media.gone) if media else ((), ())
        count = len(cut.media) if media else 0
        return Handover(tuple(files), count, relink, gone, tuple(dict.fromkeys(notes)))

    def _texts(self, cut: EditCut, stem: str) -> Iterator[Path]:
        """Write the edit in each format that is text. stem: of the names of the files."""
        asked = self.asked
        media = None if ZIP in asked.written else self.target / MEDIA
        for ending, text in texts(cut, asked.written, asked.program, media):
            yield self._put("", stem, ending, text.encode("utf-8", "replace"))

    def _about(self, cut: EditCut, notes: Sequence[str]) -> Iterator[Path]:
        """Write the page that lists the shots, and what is said to the person who gets the folder."""
        asked = self.asked
        digest = sha256(as_page(cut, named).encode("utf-8", "replace")).hexdigest()
        folder = self._folder("")

        def write(new: Path) -> tuple[bool, str]:
            return new_file([as_page(cut, drawn).encode("utf-8", "replace")], new)

        yield folder.put(folder.claim("shots", ".html", digest), digest, "", write)
        text = as_readme(cut, asked.written, asked.program, tuple(dict.fromkeys(notes)))
        yield self._put("", "README", ".txt", text.encode("utf-8", "replace"))

    def _beside(self, others: Iterable[Beside]) -> Iterator[Path]:
        for other in others:
            yield self._put(other.folder, other.stem, other.ending, other.content)

    def _bundle(self, coded: Coded, stem: str) -> Path:
        """Write the edit with its media in one file."""

        def write(new: Path) -> None:
            write_bundle(coded.cut, coded.content, new)

        return self._packed(stem, f".{OTIOZ}", bundle_digest(coded.cut), write)

    def _zip(self, cut: EditCut, stem: str, files: Sequence[Path]) -> Path:
        """Write everything else once more, as one file."""
        inside = {
            path.relative_to(self.target).as_posix(): path for path in files if path.suffix != f".{OTIOZ}"
        }
        inside |= {f"{MEDIA}/{m.name}": self.target / MEDIA / m.name for m in cut.media.values()}
        sums: Mapping[str, str] = {name: disk.digest(path) for name, path in inside.items()}
        return self._packed(stem, f".{ZIP}", zip_digest(sums), partial(write_zip, stem, inside))

    def _packed(self, stem: str, ending: str, digest: str, write: Write) -> Path:
        folder = self._folder("")

        def fill(new: Path) -> tuple[bool, str]:
            try:
                write(new)
            except OSError as error:
                raise explained(error, new) from error
            return False, ""

        return folder.put(folder.claim(stem, ending, digest), digest, "", fill)

    def _put(self, place: str, stem: str, ending: str, content: bytes) -> Path:
        folder, digest = self._folder(place), sha256(content).hexdigest()
        return folder.put(folder.claim(stem, ending, digest), digest, "", partial(new_file, [content]))

    def _folder(self, place: str) -> OwnedFolder:
        """The folder itself, or one in it."""
        if place not in self.folders:
            self.folders[place] = OwnedFolder(self.target / place, self.below)
        return self.folders[place]
