"""Writes results under readable names: out/<film>/film.mp4, and in parts/ what was made on the way to it.

The outputs of the film have their own names. What nodes made besides is in `parts/`, under names that sort in
the order of the film: clip-01-dawn.mp4, clip-02-storm.mp4. Previews have a folder of their own, so that a
stand-in never replaces what was paid for.

A media file is a copy of the stored one, with a note about what made it inside. A file that cannot hold a
note is a hard link into the store, or a copy where links are not possible, and its note is in the manifest.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from threading import RLock
from typing import TYPE_CHECKING

from callsheet.dsl.graph import Graph, Instance
from callsheet.nodes.media import tags
from callsheet.runtime.graph.arguments import Results
from callsheet.runtime.output import secrets
from callsheet.runtime.output.file_names import Names, file_name
from callsheet.runtime.output.layout import Layout
from callsheet.runtime.output.output_names import Leaf, endings, joined, leaves_of
from callsheet.runtime.output.owned_folder import OwnedFolder
from callsheet.runtime.output.part_names import instance_names, part_names
from callsheet.runtime.output.provenance.history import History, Origin
from callsheet.runtime.output.provenance.writing import text
from callsheet.runtime.output.slating import Slating
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.media import Artifact
from callsheet.spec.types import NOTHING
from callsheet.spec.values import Place, Ref, map_placed

if TYPE_CHECKING:
    from callsheet.nodes.preview.story import Story


@dataclass(frozen=True, slots=True)
class Shown:
    """A media value that gets a file. origin: the address of the instance that made it and the place in its
    outputs; None for a file of the user's."""

    folder: OwnedFolder
    name: str
    artifact: Artifact
    origin: Origin | None


class OutFolder:
    """The folder of the film's results for one run, or of its previews. Its methods may be called from
    several threads."""

    def __init__(
        self,
        out: Path,
        history: History,
        whole: Graph | None = None,
        slating: Slating | None = None,
        row: str = "",
    ) -> None:
        """Create the folders and test them. whole: the graph that `history.graph` was chosen from; names are
        the same, whatever part of it is made. slating: of a preview, puts bands on what nothing else is made
        of. row: the folder of the row of a batch, "" for a film alone.

        Raises InputError if no file can be written there.
        """
        layout = Layout.of(out, history.graph.name, history.preview, history.graph.section.profile, row)
        self.graph = history.graph
        self._outputs = OwnedFolder(layout.top, out)
        self._parts = OwnedFolder(layout.parts, out, former=self._outputs)
        self._claimed = Names()
        self._bases: dict[str, tuple[str, ...]] = {}
        self._leaves: dict[str, list[Leaf]] = {}
        self._known: set[str] = set()
        self._history = history
        self._slating = slating
        self._lock = RLock()
        self._unnamed = [whole or history.graph]
        self._outputs.belong_to(history.graph.path)

    def grow(self, graph: Graph, whole: Graph) -> None:
        """Reserve names for the instances and outputs of a graph that has more of them now."""
        with self._lock:
            self._unnamed.append(whole)
            self.graph = self._history.graph = graph
            self.__dict__.pop("_secrets", None)
            self.__dict__.pop("_needed", None)

    def _name_all(self) -> None:
        """Reserve the names when a first file needs one: films of values alone need none."""
        while self._unnamed:
            self._know(self._unnamed.pop(0))

    def _know(self, whole: Graph) -> None:
        new = {a: i for a, i in whole.instances.items() if a not in self._bases}
        bases = instance_names(replace(whole, instances=new), self._claimed)
        self._bases = {**self._bases, **bases}
        self._parts.names.reserve(base for own in bases.values() for base in own)
        outputs = {n: tree for n, tree in whole.outputs.items() if n not in self._known}
        leaves = [leaf for n, tree in outputs.items() for leaf in leaves_of(whole, file_name(n), tree)]
        for leaf in leaves:
            self._leaves.setdefault(leaf.ref.address, []).append(leaf)
        self._whole = whole
        self._known |= outputs.keys()
        self._outputs.names.reserve([*map(file_name, outputs), *(leaf.base for leaf in leaves)])

    def place(
        self, instance: Instance, outputs: Mapping[str, object], key: str, results: Results
    ) -> tuple[Path, ...]:
        """Write the media of one instance, made under `key` from `results`. Returns the files in the order of
        its outputs.

        What is an output of the film gets the name of that, everything else is a part. Where everything is in
        place already, this only looks at each file. Raises StoreError.
        """
        with self._lock:
            self._name_all()
            found = self._history.made(instance, outputs, key, results)
            if not found:
                return tuple(self._text_of(instance, outputs))
            named = list(self._named(instance, outputs, found))
        return tuple(dict.fromkeys(map(self._show, named)))

    def publish(self, name: str, tree: object, value: object) -> object:
        """Write one of the pipeline's outputs. Returns its value with paths in place of media. tree: the
        output in the pipeline. value: its value.

        Raises StoreError.
        """
        base = file_name(name)
        with self._lock:
            self._name_all()
            named = dict(self._titled(base, tree, value))
        paths = {place: self._show(shown) for place, shown in named.items()}
        shown = map_placed(value, lambda place, leaf: paths.get(place, leaf))
        if not isinstance(value, Artifact) and not _all_media(value):
            with self._lock:
                self._text(self._outputs, base, shown)
        return shown

    @property
    def notes(self) -> tuple[str, ...]:
        """What to tell of files that callsheet did not write."""
        return (*self._outputs.notes, *self._parts.notes)

    def files(self) -> list[Path]:
        """Every file that was written or found so far."""
        return [
            folder.path / name for folder in (self._outputs, self._parts) for name in sorted(folder.written)
        ]

    def close(self, complete: bool) -> None:
        """After a complete run, remove files of earlier runs of this pipeline that are no results any more.

        Raises StoreError.
        """
        self._parts.close(complete)
        self._outputs.close(complete)

    def _named(
        self, instance: Instance, outputs: Mapping[str, object], found: Sequence[tuple[Place, Artifact]]
    ) -> Iterator[Shown]:
        """Each media value of an instance with its names: those of outputs, and those of parts."""
        wanted: dict[Place, list[Shown]] = {}
        for leaf in self._leaves.get(instance.address, ()):
            value = _at(outputs, leaf.ref.path)
            for place, shown in self._titled(leaf.base, leaf.ref, value):
                wanted.setdefault((*leaf.ref.path, *place), []).append(shown)
        for number, base in enumerate(self._bases[instance.address]):
            plain = number == 0 and instance.take.picked
            names = part_names(base, found, self._parts.names)
            for (path, artifact), stem in zip(found, names, strict=True):
                if plain and path in wanted:
                    yield from wanted[path]
                else:
                    name = self._parts.claim(stem, artifact.path.suffix, artifact.digest)
                    yield Shown(self._parts, name, artifact, (instance.address, path))

    def _titled(
        self, base: str, tree: object, value: object, own: bool = True, place: Place = ()
    ) -> Iterator[tuple[Place, Shown]]:
        """Each media value in an output of the film, with its place there and its name."""
        match value:
            case Artifact(digest=digest, path=path):
                name = self._outputs.claim(base, path.suffix, digest, own)
                yield place, Shown(self._outputs, name, value, self._origin(tree, value))
            case Mapping():
                branches = tree if isinstance(tree, Mapping) else {}
                for key, part in value.items():
                    branch = branches.get(key)
                    inner = _inside(tree, str(key)) or branch
                    own, there = isinstance(branch, Ref), (*place, str(key))
                    yield from self._titled(joined(base, key), inner, part, own, there)
            case list() | tuple():
                elements = self._elements(tree, len(value))
                stems = [joined(base, ending) for ending in endings(self._whole, elements)]
                for i, (stem, element, part) in enumerate(zip(stems, elements, value, strict=True)):
                    own, inner = isinstance(element, Ref), _inside(tree, i) or element
                    yield from self._titled(stem, inner, part, own, (*place, i))

    def _elements(self, tree: object, length: int) -> Sequence[object]:
        """The trees of the elements of a list, without those that are missing."""
        if isinstance(tree, list | tuple):
            made = [t for t in tree if not isinstance(t, Ref) or t.address in self._history.keys]
            for branch in (tree, made):
                if len(branch) == length:
                    return branch
        return [None] * length

    def _origin(self, tree: object, artifact: Artifact) -> Origin | None:
        if isinstance(tree, Ref) and tree.address in self._history.keys:
            return tree.address, tree.path
        return self._history.origin(artifact)

    def _show(self, shown: Shown) -> Path:
        """Write a media value, if it is not there."""
        made = self._history.keys[shown.origin[0]] if shown.origin else ""
        story = self._story(shown)
        made += self._slating.name(story) if self._slating else ""

        def write(new: Path) -> tuple[bool, str]:
            source, note = shown.artifact.path, ""
            if shown.origin:
                note = self._note(shown.artifact, shown.origin)
            banded = new.with_name(f"{new.name}.band{source.suffix}")
            try:
                if self._slating and story and self._slating.write(source, banded, story):
                    source = banded
                if note and _with_note(source, new, note):
                    return True, ""
                _copy(source, new)
                return False, note
            finally:
                banded.unlink(missing_ok=True)

        return shown.folder.put(shown.name, shown.artifact.digest, made, write)

    def _story(self, shown: Shown) -> Story | None:
        """What the band of a file of a preview tells; None for one that has no band: in a real run, and where
        another file is made of it."""
        if self._slating is None or shown.origin is None:
            return None
        with self._lock:
            address = shown.origin[0]
            if shown.folder is self._parts and address in self._needed:
                return None
            return self._slating.story(address, shown.artifact)

    @cached_property
    def _needed(self) -> frozenset[str]:
        """The addresses of what something else is made of."""
        return frozenset(need for one in self.graph.instances.values() for need in one.all_needs)

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

    def _text_of(self, instance: Instance, outputs: Mapping[str, object]) -> Iterator[Path]:
        """The files of an instance that made no media: an output of the film with the same content, else
        parts."""
        value = _plain(outputs)
        leaves = (leaf for leaf in self._leaves.get(instance.address, ()) if leaf.whole)
        same = [leaf.base for leaf in leaves if _at(outputs, leaf.ref.path) == value]
        for number, base in enumerate(self._bases[instance.address]):
            if same and number == 0 and instance.take.picked:
                yield from (self._text(self._outputs, one, value) for one in same)
            else:
                yield self._text(self._parts, base, value)

    def _text(self, folder: OwnedFolder, base: str, value: object) -> Path:
        sha = hashlib.sha256(_raw(value)).hexdigest()
        name = folder.claim(base, ".txt" if isinstance(value, str) else ".json", sha)

        def write(new: Path) -> tuple[bool, str]:
            disk.write_new(new, [_raw(value, indent=2)], lasting=False)
            return False, ""

        return folder.put(name, sha, "", write)


def _inside(tree: object, step: str | int) -> Ref | None:
    """A part of what a reference leads to."""
    return Ref(tree.address, (*tree.path, step)) if isinstance(tree, Ref) else None


def _at(outputs: object, path: Place) -> object:
    """What is at a place in the outputs of an instance; NOTHING where that is no single place."""
    found = outputs
    for step in path:
        match found:
            case Mapping() if step in found:
                found = found[step]
            case list() | tuple() if isinstance(step, int) and 0 <= step < len(found):
                found = found[step]
            case _:
                return NOTHING
    return found


def _with_note(blob: Path, new: Path, note: str) -> bool:
    """Write the content of `blob` to `new` with `note` inside; False if the file cannot hold it."""
    try:
        return tags.write(blob, new, note)
    except OSError as error:
        raise explained(error, new) from error


def _copy(blob: Path, new: Path) -> None:
    """Put the content of `blob` at `new`, by a link if possible. Raises StoreError.

    A link is the blob itself, so there is none where its bytes are not protected.
    """
    if disk.PROTECTS:
        with contextlib.suppress(*disk.NO_LINK):
            os.link(blob, new, follow_symlinks=False)
            return
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
