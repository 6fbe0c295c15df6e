"""Writes results under readable names: out/<pipeline>/film.mp4, clip-dawn.mp4, keyframe-storm-2.png.

Previews have a folder of their own, out/<pipeline>/preview/, so that a stand-in never replaces what was paid
for. A file that callsheet did not write is never replaced: it stays, and the result gets another name.

A media file is a copy of the stored one, with a note about what made it inside. A file that cannot hold a
note is a hard link into the store, or a copy where links are not possible, and its note is in the manifest. A
name always leads to a complete file: a new one is written beside it and replaces it in one step. Nothing here
is synced to the disk, since all of it can be made again from the store: a file that a loss of power damaged
has another size or time than in the manifest, and the next run replaces it.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import Final

from callsheet.dsl.address import words
from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import InputError, StoreError
from callsheet.nodes.media import tags
from callsheet.runtime.graph.arguments import Results
from callsheet.runtime.output import secrets
from callsheet.runtime.output.file_names import Names, file_name
from callsheet.runtime.output.manifest import Entry, Manifest
from callsheet.runtime.output.provenance import reading
from callsheet.runtime.output.provenance.history import History, Origin
from callsheet.runtime.output.provenance.record import Path as Place
from callsheet.runtime.output.provenance.writing import text
from callsheet.runtime.store import atomic as disk
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING, media_in
from callsheet.spec.values import Ref

PREVIEW: Final = "preview"
"""The folder of previews, in that of the results."""


@dataclass(frozen=True, slots=True)
class Shown:
    """A media value that gets a file. origin: the address of the instance that made it and the place in its
    outputs; None for a file of the user's."""

    name: str
    artifact: Artifact
    origin: Origin | None


def folder_of(out: Path, pipeline: str, preview: bool) -> Path:
    """Where the results of the pipeline with this name go, or its previews."""
    folder = out / file_name(pipeline)
    return folder / PREVIEW if preview else folder


class OutFolder:
    """out/<pipeline>/ for one run, or its folder of previews. Its methods may be called from several threads.

    notes: what to tell of files that callsheet did not write.
    """

    def __init__(self, out: Path, history: History) -> None:
        """Create the folder and test it. Raises InputError if no file can be written there."""
        self.graph = graph = history.graph
        self.folder = folder_of(out, graph.name, history.preview)
        _try(self.folder, below=out)
        self.notes: list[str] = []
        self._manifest = Manifest(self.folder)
        self._claimed = Names()
        self._bases = instance_names(graph, self._claimed)
        bases = [base for own in self._bases.values() for base in own]
        self._names = Names(reserved=[*bases, *map(file_name, graph.outputs)])
        self._written: dict[str, str] = {}
        self._history = history
        self._lock = RLock()

    def grow(self, graph: Graph) -> None:
        """Reserve names for the instances of a graph that has more of them now."""
        new = replace(
            graph,
            instances={a: i for a, i in graph.instances.items() if a not in self._bases},
            outputs={n: tree for n, tree in graph.outputs.items() if n not in self.graph.outputs},
        )
        bases = instance_names(new, self._claimed)
        with self._lock:
            self._bases = {**self._bases, **bases}
            self._names.reserve(
                [*(base for own in bases.values() for base in own), *map(file_name, new.outputs)]
            )
            self.graph = self._history.graph = graph
            self.__dict__.pop("_secrets", None)

    def place(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> tuple[Path, ...]:
        """Write the media of one instance, made under `key` from `results`. Returns the files in the order of
        its outputs.

        Where everything is in place already, this only looks at each file. Raises StoreError.
        """
        address = instance.address
        bases = self._bases[address]
        with self._lock:
            found = self._history.made(instance, outputs, key, results)
            named = [shown for base in bases for shown in self._named(base, address, found)]
            if not named:
                return tuple(self._text(base, _plain(outputs)) for base in bases)
        return tuple(map(self._show, named))

    def publish(self, name: str, tree: object, value: object) -> object:
        """Write one of the pipeline's outputs. Returns its value with paths in place of media. tree: the
        output in the pipeline. value: its value.

        Raises StoreError.
        """
        shown = self._shown(file_name(name), tree, value)
        if not isinstance(value, Artifact) and not _all_media(value):
            with self._lock:
                self._text(file_name(name), shown)
        return shown

    def files(self) -> list[Path]:
        """Every file that was written or found so far."""
        return [self.folder / name for name in sorted(self._written)]

    def close(self, complete: bool) -> None:
        """After a complete run, remove files of earlier runs of this pipeline that are no results any more.

        Raises StoreError.
        """
        self._manifest.keep_only(self._written if complete else self._written.keys() | self._manifest.files)

    def _named(self, base: str, address: str, found: Sequence[tuple[Place, Artifact]]) -> Iterator[Shown]:
        """Each media value with its name. Media of the first output that has any are named after the instance
        alone."""
        for path, artifact in found:
            first = path[0] == found[0][0][0]
            title = self._title(base if first else f"{base}-{path[0]}", artifact, own=first)
            yield Shown(title, artifact, (address, path))

    def _shown(self, base: str, tree: object, value: object, own: bool = True) -> object:
        if isinstance(value, Artifact):
            with self._lock:
                shown = Shown(self._title(base, value, own), value, self._origin(tree, value))
            return self._show(shown)
        if isinstance(value, Mapping):
            branches = tree if isinstance(tree, Mapping) else {}
            return {k: self._shown(_part(base, k), branches.get(k), v, own=False) for k, v in value.items()}
        if isinstance(value, list | tuple):
            branch = tree if isinstance(tree, Sequence) and len(tree) == len(value) else [None] * len(value)
            endings = self._endings(branch)
            parts = zip(endings, branch, value, strict=True)
            return [self._shown(_part(base, e), t, v, own=False) for e, t, v in parts]
        return value

    def _endings(self, branch: Sequence[object]) -> list[str]:
        """What distinguishes the elements of a list in file names: the keys of their instances, or
        numbers."""
        keys = [self._key(tree) for tree in branch]
        if all(keys) and len(set(keys)) == len(keys):
            return keys
        width = max(2, len(str(len(branch))))
        return [f"{i:0{width}}" for i in range(1, len(branch) + 1)]

    def _key(self, tree: object) -> str:
        instance = self.graph.instances.get(tree.address) if isinstance(tree, Ref) else None
        return file_name("-".join(instance.key)) if instance and instance.key else ""

    def _title(self, base: str, artifact: Artifact, own: bool) -> str:
        return self._claim(base, artifact.path.suffix, artifact.digest, own)

    def _claim(self, base: str, ending: str, digest: str, own: bool = True) -> str:
        """A name for content with this digest, which no file of somebody else has."""

        def free(name: str) -> bool:
            if name in self._manifest.files or not _is_foreign(self.folder / name, digest):
                return True
            taken.append(name)
            return False

        taken: list[str] = []
        name = self._names.claim(base, ending, digest, own, free)
        self.notes += [
            f"{self.folder / other} is not from callsheet, so it stays; the result is {name}"
            for other in taken
        ]
        return name

    def _origin(self, tree: object, artifact: Artifact) -> Origin | None:
        if isinstance(tree, Ref) and tree.address in self._history.keys:
            return tree.address, tree.path
        return self._history.origin(artifact)

    def _show(self, shown: Shown) -> Path:
        """Write a media value, if it is not there. One thread at a time does so for a name."""
        name, digest = shown.name, shown.artifact.digest
        made = self._history.keys[shown.origin[0]] if shown.origin else ""
        path = self.folder / name
        if self._written.get(name) == digest or self._is_there(name, digest, made):
            self._written[name] = digest
            return path
        new = disk.temporary(self.folder)
        note = self._note(shown.artifact, shown.origin) if shown.origin else ""
        noted = bool(note) and _with_note(shown.artifact.path, new, note)
        if not noted:
            _copy(shown.artifact.path, new)
        self._move(new, name, digest, made, noted, "" if noted else note)
        return path

    def _is_there(self, name: str, digest: str, made: str) -> bool:
        entry = self._manifest.files.get(name)
        same = entry is not None and entry.sha256 == digest and entry.made == made
        return entry is not None and same and self._manifest.is_there(name, entry)

    def _note(self, artifact: Artifact, origin: Origin) -> str:
        """The note about `artifact`, as text; "" when not even its names fit."""
        with self._lock:
            provenance = self._history.provenance(*origin, artifact)
        try:
            return text(provenance, self._secrets)
        except ValueError:
            return ""

    @cached_property
    def _secrets(self) -> tuple[str, ...]:
        return secrets.live(self.graph)

    def _move(
        self, new: Path, name: str, digest: str, made: str = "", noted: bool = False, note: str = ""
    ) -> None:
        """Rename a complete file to its name, and record its size and time."""
        try:
            found = new.lstat()
            entry = Entry(digest, found.st_size, found.st_mtime_ns, made, noted, note)
            with self._lock:
                self._manifest.add(name, entry)
            disk.move(new, self.folder / name, lasting=False)
        except OSError as error:
            raise disk.explained(error, new) from error
        finally:
            with contextlib.suppress(OSError):
                new.unlink(missing_ok=True)
        self._written[name] = digest

    def _text(self, base: str, value: object) -> Path:
        ending = ".txt" if isinstance(value, str) else ".json"
        sha = hashlib.sha256(_raw(value)).hexdigest()
        name = self._claim(base, ending, sha)
        if self._is_there(name, sha, ""):
            self._written[name] = sha
        else:
            new = disk.temporary(self.folder)
            disk.write_new(new, [_raw(value, indent=2)], lasting=False)
            self._move(new, name, sha)
        return self.folder / name


def _part(base: str, name: object) -> str:
    """The file name for `name` inside of `base`."""
    return file_name(f"{base}-{file_name(str(name))}")


def instance_names(graph: Graph, names: Names | None = None) -> dict[str, tuple[str, ...]]:
    """Address → file names of the instance without their endings: unique, in whatever order instances end.

    The take that counts has the plain name, and each take has one with its number. names: those given out
    before.
    """
    names = names or Names()
    for output, tree in graph.outputs.items():
        names.claim(file_name(output), owner=_first_of(graph, tree))
    return {
        address: tuple(names.claim(base, owner=address) for base in _bases_of(instance))
        for address, instance in graph.instances.items()
    }


def _bases_of(instance: Instance) -> Iterator[str]:
    base = file_name(words(instance.base))
    if instance.take.picked:
        yield base
    if instance.take.of > 1:
        yield file_name(f"{base}-take{instance.take.number}")


def _first_of(graph: Graph, tree: object) -> str:
    """The address whose first media output this is, so that the pipeline's output gets the same name."""
    if not isinstance(tree, Ref) or tree.address not in graph.instances:
        return ""
    outputs = graph.instances[tree.address].spec.outputs
    first = next((name for name, t in outputs.items() if any(media_in(t))), None)
    return tree.address if tree.path[:1] == (first,) and not any(tree.path[1:]) else ""


def _try(folder: Path, below: Path) -> None:
    """Test now, and not after an hour of work, whether files can be written to `folder`."""
    try:
        for place in (*reversed(folder.relative_to(below).parents), folder.relative_to(below)):
            _make(below / place)
        disk.sweep(folder)
        trial = disk.temporary(folder)
        disk.write_new(trial, [b""])
        trial.unlink()
    except StoreError as error:
        raise InputError(f"nothing can be written to {folder}: {error.message}", error.next_step) from error


def _is_foreign(path: Path, digest: str) -> bool:
    """Whether something is at `path` that callsheet did not write for content with this digest. It tells by
    the bytes, or by the note inside."""
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            return True
        if disk.digest(path) == digest:
            return False
        note = reading.read(tags.texts(path))
    except FileNotFoundError:
        return False
    except (OSError, ValueError):
        return True
    return note is None or note.sha256 != digest


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} cannot be a folder: a file is in its way",
            "move it away, or choose another --out",
        ) from error
    except OSError as error:
        raise disk.explained(error, folder) from error
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to somewhere else", "remove it, or choose another --out")


def _with_note(blob: Path, new: Path, note: str) -> bool:
    """Write the content of `blob` to `new` with `note` inside; False if the file cannot hold it."""
    try:
        return tags.write(blob, new, note)
    except OSError as error:
        raise disk.explained(error, new) from error


def _copy(blob: Path, new: Path) -> None:
    """Put the content of `blob` at `new`, by a link if possible. Raises StoreError."""
    try:
        os.link(blob, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        disk.write_new(new, disk.chunks(blob), lasting=False)


def _raw(value: object, indent: int | None = None) -> bytes:
    """A text as it is, any other value as JSON."""
    if not isinstance(value, str):
        value = json.dumps(value, indent=indent, ensure_ascii=False, default=_relative)
    return value.encode("utf-8", "replace")


def _all_media(value: object) -> bool:
    match value:
        case Artifact():
            return True
        case list() | tuple():
            return bool(value) and all(map(_all_media, value))
        case Mapping():
            return bool(value) and all(map(_all_media, value.values()))
    return False


def _plain(outputs: Mapping[str, object]) -> object:
    """The only value of a mapping with one text; other values as they are."""
    values = [v for v in outputs.values() if v is not NOTHING]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else dict(outputs)


def _relative(value: object) -> str:
    if isinstance(value, Path):
        return value.name
    raise TypeError(f"{type(value).__name__} has no JSON form")
