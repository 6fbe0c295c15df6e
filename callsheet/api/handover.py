"""Films that go elsewhere, or come back: exported, conformed, archived; and what made a media file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Unpack

from callsheet.api.given import Given, Pipeline, opened
from callsheet.errors import InputError
from callsheet.runtime.archive import Archive
from callsheet.runtime.archive import archive as packed
from callsheet.runtime.conform.conform import Conformed
from callsheet.runtime.conform.conform import conform as taken_over
from callsheet.runtime.conform.film import film_to_conform
from callsheet.runtime.export.formats import Program
from callsheet.runtime.export.handover import Asked, Handover, hand_over
from callsheet.runtime.output.provenance import restore as restoring
from callsheet.runtime.output.provenance.record import Provenance
from callsheet.runtime.output.provenance.restore import NoNote, Restored, provenance_of
from callsheet.runtime.output.provenance.writing import as_json
from callsheet.runtime.plan.invocation import run_command
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.project_store import store_for
from callsheet.runtime.remote_store.find_file import StoredFile, find_file
from callsheet.runtime.settings import settings_of
from callsheet.spec.json_documents import OriginJson
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.profile import PROFILE
from callsheet.spec.project import from_root


@dataclass(frozen=True, slots=True)
class Origin:
    """What made a media file. provenance: the note in the file, None where it has none. stored: what the
    shared store says of its content then."""

    provenance: Provenance | None
    stored: StoredFile | None = None

    def to_json(self) -> OriginJson:
        """The whole note, or what the shared store says; the other one is null."""
        note = None if self.provenance is None else as_json(self.provenance)
        stored = None if self.stored is None else self.stored.to_json()
        return {"version": 1, "provenance": note, "stored": stored}


def export(
    pipeline: Pipeline,
    formats: Sequence[str] = (),
    target: str | Path | None = None,
    output: str = "",
    start: str = "01:00:00:00",
    program: Program = "any",
    handles: int = 0,
    preview: bool = False,
    **given: Unpack[Given],
) -> Handover:
    """Write the shots of a film that is made, in order, and their media, for an editing program.
    `callsheet export`.

    formats: otio, otioz, edl, fcp7, fcpxml, mlt, csv, srt, vtt, zip; without any, what the program reads
    best, else otio. target: the folder, None for out/NAME/handover. output: the output that is the film, ""
    for the first that was joined. start: the time code at which it begins. program: that reads it. handles:
    shots with fewer frames before or after what is shown are named. preview: of the last preview. given: see
    `Given`.

    Raises InputError where the film is not made or joined from nothing, PipelineError, StoreError.
    """
    asked = Asked(tuple(formats), None if target is None else Path(target), output, start, program, handles)
    with opened(pipeline, given) as film:
        return hand_over(film.workspace, film.graph(), asked, film.store, preview)


def conform(edited: str | Path, pipeline: Pipeline, **given: Unpack[Given]) -> Conformed:
    """Take over the cut `edited`, an OpenTimelineIO file that an editing program saved. `callsheet conform`.

    It is written as NAME.cut.otio beside the pipeline NAME.yaml. given: see `Given`. Raises InputError for a
    file that is no such cut, PipelineError, StoreError.
    """
    with opened(pipeline, given) as film:
        return taken_over(film.workspace, film_to_conform(film.graph), Path(edited), film.store)


def archive(pipeline: Pipeline, target: str | Path, **given: Unpack[Given]) -> Archive:
    """Write a film with its lock file, lists, media, recipes, models and all results into one tar file.
    `callsheet archive`.

    given: see `Given`. Raises InputError where a result is not here, PipelineError, StoreError.
    """
    with opened(pipeline, given, making=True) as film:
        graph, root = film.graph(), film.workspace.root
        request = RunRequest(
            from_root(film.path, root),
            film.sets,
            tuple(from_root(path, root) for path in film.inputs),
            trust=PERMISSIONS.get().trust,
            profile=PROFILE.get(),
        )
        run = f"{run_command(request, preview=False)} --from-lock"
        return packed(film.workspace, graph, Path(target), film.store, run)


def origin(file: str | Path, store: str = "") -> Origin:
    """What made a media file: its model, its parameters, and the nodes before it. `callsheet origin`.

    store: the folder or URL of a shared store, in which a file without a note is looked up by its content.
    Raises InputError when the file cannot be read, or nothing is known of it.
    """
    path = Path(file)
    try:
        return Origin(provenance_of(path))
    except NoNote:
        place = store_for(store, settings_of(path), required=False)
        found = find_file(path, place) if place else None
        if found is None:
            raise
        return Origin(None, found)


def restore(origin: Origin | str | Path, target: str | Path) -> Restored:
    """Write the pipeline that makes a media file again. `callsheet origin -o`.

    origin: the file, or what `origin` told of it. Raises InputError when `target` exists, or the file has no
    note; StoreError.
    """
    found = origin.provenance if isinstance(origin, Origin) else provenance_of(Path(origin))
    if found is None:
        raise InputError("the file has no note that a pipeline can be made from", "look in out/ for its film")
    return restoring.restore(found, Path(target))
