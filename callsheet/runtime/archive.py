"""Archives a film: everything that makes it again without a provider, in one tar file."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.nodes.openapi.project_models import FOLDER
from callsheet.runtime.archive_note import NAME, STORE, note
from callsheet.runtime.lock import lock_path
from callsheet.runtime.lock.author import now
from callsheet.runtime.model_records import records_of
from callsheet.runtime.notes.notes_file import notes_path
from callsheet.runtime.project_state import ProjectState, project_state
from callsheet.runtime.recipes.shared_recipes import give_recipes
from callsheet.runtime.remote_store.store import SharedStore
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.disk_errors import explained
from callsheet.spec.document import Document
from callsheet.spec.plural import plural
from callsheet.spec.values import LocalFile, leaves

PROJECT: Final = "callsheet.toml"
NO_LIST: Final = "a list that an axis ranges over"


@dataclass(frozen=True, slots=True)
class Archive(Document):
    """An archive. path: the tar file. folder: the one folder in it. results: how many instances' results it
    has. files: how many files of the project. run: the command that makes the film from it."""

    path: Path
    folder: str
    results: int
    files: int
    run: str = ""


def archive(workspace: Workspace, graph: Graph, path: Path, store: str = "", run: str = "") -> Archive:
    """Write `graph` with its lock file, lists, media, recipes, models and results to the tar file `path`.

    store: the folder or URL of a shared store; results that are only there are downloaded. run: the
    command that makes the film from the archive, for whoever opens it.

    Raises InputError when a result is not here, or a file lies outside the project; StoreError.
    """
    now_there = project_state(graph, workspace, store=store)
    instances = [i for i in now_there.graph.instances.values() if i.address in now_there.outputs]
    state = now_there.with_files(instances)
    _require_all(state)
    root = Path(os.path.normpath(workspace.root.absolute()))
    files = {file: _inside(file, root) for file in _files(workspace, state.graph)}
    workspace.store().prepare()
    with workspace.store().workdir() as folder:
        _fill_store(workspace, state, folder / STORE)
        (folder / NAME).write_bytes(note(run, now(), records_of(state.graph)))
        if not (root / PROJECT).is_file():
            (folder / PROJECT).touch()
        own = {file: file.relative_to(folder).as_posix() for file in folder.rglob("*") if file.is_file()}
        _write(path, graph.name, {**files, **own})
    return Archive(path, graph.name, len(state.outputs), len(files), run)


def _require_all(state: ProjectState) -> None:
    """Raises InputError when a result is not on this machine."""
    there = state.outputs.keys() | state.unneeded
    lacking = [address for address in state.graph.instances if address not in there]
    if lacking or state.graph.dynamic is not None:
        named = ", ".join([*lacking[:3], *(["…"] if len(lacking) > 3 else [])])
        results = f"{plural(len(lacking), 'result')} ({named})" if lacking else ""
        why = f"; {state.notes[0]}" if state.notes else ""
        raise InputError(
            f"{results or NO_LIST} would be lacking in the archive{why}",
            "run it once, or name the store that has them: "
            + shell.command(["callsheet", "run", state.graph.path, "--store", "PLACE"]),
        )


def _files(workspace: Workspace, graph: Graph) -> Iterator[Path]:
    """The files of the project that the film needs, without recipes of git, which go with the results."""
    state, models = workspace.state.resolve(), workspace.root / FOLDER
    found = [*graph.files, lock_path(graph.path), notes_path(graph.path), workspace.root / PROJECT]
    found += [f.path for instance in graph.instances.values() for f in leaves(instance.params, LocalFile)]
    found += [path for path in models.rglob("*") if path.is_file()]
    for path in dict.fromkeys(Path(os.path.normpath(path.absolute())) for path in found):
        real = path.resolve()
        if real.is_file() and not real.is_relative_to(state) and not _is_shipped(real):
            yield path


def _is_shipped(path: Path) -> bool:
    """Whether a file comes with callsheet."""
    import callsheet

    return path.is_relative_to(Path(callsheet.__file__).resolve().parent)


def _inside(path: Path, root: Path) -> str:
    """The path of a file from the root of the project, as the film names it: a link keeps its name, and has
    the content of its file. Raises InputError for a file outside."""
    real, real_root = path.resolve(), root.resolve()
    if not real.is_relative_to(real_root):
        raise InputError(f"{path} lies outside the project {root}", "copy it there, and name the copy")
    named = path.relative_to(root) if path.is_relative_to(root) else real.relative_to(real_root)
    return named.as_posix()


def _fill_store(workspace: Workspace, state: ProjectState, folder: Path) -> None:
    """Put every result and every pinned recipe into a store in `folder`. Raises InputError."""
    folder.mkdir()
    shared = SharedStore.at(str(folder), workspace.store())
    for address, outputs in state.outputs.items():
        shared.push(state.keys[address], outputs)
    damaged = [name for name, whole in shared.verified() if not whole]
    if damaged:
        raise InputError(
            f"the archive would not be whole: {damaged[0]} has other bytes than its name says",
            f"run it once, which mends the store: {shell.command(['callsheet', 'run', state.graph.path])}",
        )
    if problem := give_recipes(state.lock.recipes.values(), workspace.state, str(folder)):
        raise InputError(problem)


def _write(path: Path, top: str, files: Mapping[Path, str]) -> None:
    """Write the tar file, whole or not at all. Raises StoreError."""
    new = disk.temporary(path.absolute().parent)
    try:
        with tarfile.open(new, mode="x", format=tarfile.PAX_FORMAT, dereference=True) as packed:
            for file, name in sorted(files.items(), key=lambda pair: pair[1]):
                packed.add(file, f"{top}/{name}", recursive=False, filter=_plain)
    except OSError as error:
        new.unlink(missing_ok=True)
        raise explained(error, path) from error
    disk.move(new, path)


def _plain(about: tarfile.TarInfo) -> tarfile.TarInfo:
    """Without the owner, so that nobody's name is passed on."""
    about.uid = about.gid = 0
    about.uname = about.gname = ""
    about.mode = 0o644
    return about
