"""Results under names a person would choose: out/<pipeline>/film.mp4, clip-dawn.mp4, keyframe-storm-2.png.

Media are hard links into the store, or copies where links are not possible. A name always leads to a
whole file: the new one is made beside it and takes its place in one step.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock

from callsheet.dsl.graph import Graph, Ref
from callsheet.dsl.types import NOTHING, media_in
from callsheet.errors import InputError, StoreError
from callsheet.nodes.artifact import Artifact
from callsheet.runtime import disk
from callsheet.runtime.manifest import Manifest
from callsheet.runtime.names import Names, file_name


class OutFolder:
    """out/<pipeline>/ for one run. Its methods may be called from several threads."""

    def __init__(self, out: Path, graph: Graph) -> None:
        """Make the folder and try it. Raises InputError if nothing can be written there."""
        self.graph = graph
        self.folder = out / file_name(graph.name)
        _try(self.folder)
        self._manifest = Manifest(self.folder)
        self._bases = instance_names(graph)
        self._names = Names(reserved=[*self._bases.values(), *map(file_name, graph.outputs)])
        self._written: set[str] = set()
        self._lock = Lock()

    def place(self, address: str, outputs: Mapping[str, object]) -> tuple[Path, ...]:
        """Show what one instance made; the files, in the order of its outputs. Raises StoreError."""
        base = self._bases[address]
        with self._lock:
            media = tuple(self._media(base, outputs))
            return media or (self._text(base, _plain(outputs)),)

    def publish(self, name: str, tree: object, value: object) -> object:
        """Show one of the pipeline's outputs; its value, with a path in place of each media value.

        `tree` is what the pipeline says, `value` what came of it. Raises StoreError.
        """
        with self._lock:
            shown = self._shown(file_name(name), tree, value)
            if not isinstance(value, Artifact) and not _all_media(value):
                self._text(file_name(name), shown)
            return shown

    def files(self) -> list[Path]:
        """Every file that was shown so far."""
        return [self.folder / name for name in sorted(self._written)]

    def close(self, complete: bool) -> None:
        """After a complete run, remove what earlier runs of this pipeline left and this one has not.

        Raises StoreError.
        """
        kept = self._written if complete else self._written | self._manifest.files.keys()
        self._manifest.keep_only(kept)

    def _media(self, base: str, outputs: Mapping[str, object]) -> Iterator[Path]:
        first = True
        for name, value in outputs.items():
            for artifact in _artifacts(value):
                yield self._link(base if first else f"{base}-{name}", artifact, own=first)
            first = first and not any(_artifacts(value))

    def _shown(self, base: str, tree: object, value: object, own: bool = True) -> object:
        if isinstance(value, Artifact):
            return self._link(base, value, own)
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
        """What tells the elements of a list apart: the keys of their instances, or numbers."""
        keys = [self._key(tree) for tree in branch]
        if all(keys) and len(set(keys)) == len(keys):
            return keys
        width = max(2, len(str(len(branch))))
        return [f"{i:0{width}}" for i in range(1, len(branch) + 1)]

    def _key(self, tree: object) -> str:
        instance = self.graph.instances.get(tree.address) if isinstance(tree, Ref) else None
        return file_name("-".join(instance.key)) if instance and instance.key else ""

    def _link(self, base: str, artifact: Artifact, own: bool) -> Path:
        name = self._names.claim(base, artifact.path.suffix, artifact.digest, own)
        self._manifest.add(name, artifact.digest)
        path = self.folder / name
        _put(artifact.path, path)
        self._written.add(name)
        return path

    def _text(self, base: str, value: object) -> Path:
        if isinstance(value, str):
            content, ending = value, ".txt"
        else:
            content, ending = json.dumps(value, indent=2, ensure_ascii=False, default=_relative), ".json"
        raw = content.encode("utf-8", "replace")
        sha = hashlib.sha256(raw).hexdigest()
        name = self._names.claim(base, ending, sha)
        self._manifest.add(name, sha)
        disk.replace(self.folder / name, [raw])
        self._written.add(name)
        return self.folder / name


def _part(base: str, name: object) -> str:
    """The file name of what is called `name` inside of `base`."""
    return file_name(f"{base}-{file_name(str(name))}")


def instance_names(graph: Graph) -> dict[str, str]:
    """Address → file name of the instance without its ending; no two alike, whatever order they end in."""
    names = Names()
    for output, tree in graph.outputs.items():
        names.claim(file_name(output), owner=_first_of(graph, tree))
    return {
        address: names.claim(file_name("-".join((instance.node, *instance.key))), owner=address)
        for address, instance in graph.instances.items()
    }


def _first_of(graph: Graph, tree: object) -> str:
    """The address whose first media output this is, so that both may have the same name."""
    if not isinstance(tree, Ref) or tree.address not in graph.instances:
        return ""
    outputs = graph.instances[tree.address].spec.outputs
    first = next((name for name, t in outputs.items() if any(media_in(t))), None)
    return tree.address if tree.path[:1] == (first,) and not any(tree.path[1:]) else ""


def _try(folder: Path) -> None:
    """Find out now, and not after an hour of work, whether files can be written to `folder`."""
    try:
        _make(folder)
        disk.sweep(folder)
        trial = disk.temporary(folder)
        disk.write_new(trial, [b""])
        trial.unlink()
    except StoreError as error:
        raise InputError(f"nothing can be written to {folder}: {error.message}", error.next_step) from error


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise InputError(
            f"{folder} cannot be a folder: a file is in its way", "move it away, or choose another --out"
        ) from error
    except OSError as error:
        raise disk.explained(error, folder) from error
    if folder.is_symlink():
        raise InputError(f"{folder} is a link to somewhere else", "remove it, or choose another --out")


def _put(blob: Path, path: Path) -> None:
    """Make `path` lead to the content of `blob`, by a link if possible. Raises StoreError."""
    new = disk.temporary(path.parent)
    try:
        os.link(blob, new, follow_symlinks=False)
    except (OSError, NotImplementedError):
        disk.write_new(new, disk.chunks(blob))
    disk.move(new, path)


def _artifacts(value: object) -> Iterator[Artifact]:
    match value:
        case Artifact():
            yield value
        case Mapping():
            for v in value.values():
                yield from _artifacts(v)
        case list() | tuple():
            for v in value:
                yield from _artifacts(v)


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
    """One text stands for itself; anything else keeps its names."""
    values = [v for v in outputs.values() if v is not NOTHING]
    return values[0] if len(values) == 1 and isinstance(values[0], str) else dict(outputs)


def _relative(value: object) -> str:
    if isinstance(value, Path):
        return value.name
    raise TypeError(f"{type(value).__name__} has no JSON form")
