"""Results that neither ledger nor cache has: the lock file, or `out/`, names them, and their files are here.

A ledger or a cache that was lost must not let anything be bought again that is still on this machine. Every
file counts by the digest of its bytes, and every value by the digest in the lock file.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from threading import RLock
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.nodes.media import tags
from callsheet.runtime import keys
from callsheet.runtime.graph.uses import Used, Uses
from callsheet.runtime.lock import Lock
from callsheet.runtime.output.written_files import WrittenFiles
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.cache import Cache
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, NodeSpec
from callsheet.spec.types import NOTHING, ListOf, Maybe, Media, MediaKind, Type, media_in
from callsheet.spec.values import first_step

STORE: Final = "the store"
OUT: Final = "out/"
NOT_IN_LEDGER: Final = "not in the ledger"
GONE: Final = "the lock file names its result, but that is not on this machine"
UsedOf = Callable[[NodeSpec], Used | None]
"""What a pipeline uses of the outputs of a node; None when nobody knows yet."""


class Lacking(Exception):
    """A part of a result is not here."""


class FoundAgain:
    """Finds results of `lock` and of the files in `out` again. Its methods may be called from several
    threads.

    used: which outputs have to be there. keep: files that are found in out/ are put into the store.
    """

    def __init__(self, lock: Lock, cache: Cache, out: Path, used: UsedOf, keep: bool) -> None:
        self._cache = cache
        self._written = WrittenFiles(out)
        self._pinned = {key: made.outputs for key, made in lock.named().items()}
        self._used = used
        self._keep = keep
        self._turn = RLock()
        self._where: dict[str, str] = {}
        self._lost: set[str] = set()

    @property
    def names_any(self) -> bool:
        """Whether any result is named at all."""
        return bool(self._pinned or self._written.keys)

    def find(self, key: str, spec: NodeSpec) -> Outputs | None:
        """The outputs that were made under `key`; None if they are not named, or not here."""
        with self._turn:
            pinned = self._pinned.get(key) or (key in self._written.keys and self._written.media(key))
            if not pinned:
                return None
            try:
                return self._outputs(key, spec, pinned)
            except (Lacking, OSError):
                self._lost.add(key)
                return None

    def where(self, key: str) -> str:
        """Where the result of `key` was found; "" if it was not."""
        if key not in self._where:
            return ""
        how = "by the lock file " if key in self._pinned else ""
        return f"{NOT_IN_LEDGER}; found {how}in {self._where[key]}"

    def lost(self, key: str) -> str:
        """That a result is named, and not here; "" if it is not named, or here."""
        return GONE if key in self._lost and key in self._pinned else ""

    def _outputs(self, key: str, spec: NodeSpec, pinned: Mapping[str, str]) -> Outputs:
        """Raises Lacking, OSError."""
        found = _Result(key, spec, pinned, self._file, self._written)
        outputs = {name: found.value(t, name) for name, t in spec.outputs.items()}
        outputs = {name: value for name, value in outputs.items() if value is not NOTHING}
        lacking = {name for name in pinned if first_step(name) not in outputs}
        used = self._used(spec) if lacking else frozenset()
        if not outputs or used is None or any(str(place[0]) in lacking for place in used):
            raise Lacking
        self._where[key] = OUT if found.in_out else STORE
        if not lacking and self._keep:
            self._cache.record(key, outputs, spec.uses)
        return outputs

    def _file(self, kind: MediaKind, digest: str, recipe: str) -> tuple[Artifact, bool]:
        """The file with this digest, and whether it is in out/. Raises Lacking, OSError."""
        store = self._cache.store
        usual = store.path(digest, "")
        for path in usual.parent.glob(f"{usual.name}*"):
            here = Artifact(kind, path, digest, recipe=recipe)
            if path.stem == usual.name and store.inspector.identify(path) == kind and self._cache.whole(here):
                return Artifact(kind, path, digest, store.inspector.probe(path), recipe=recipe), False
        for path, pieces in self._written.content(digest):
            if self._keep:
                return self._stored(kind, path, pieces, recipe), True
            return Artifact(kind, path, digest, store.inspector.probe(path), recipe=recipe), True
        raise Lacking

    def _stored(self, kind: MediaKind, path: Path, pieces: tags.Pieces, recipe: str) -> Artifact:
        """A file of out/ in the store, as it was before it got its note. Raises StoreError, NodeError."""
        store = self._cache.store
        store.prepare()
        with store.workdir() as folder:
            bare = folder / f"file{path.suffix}"
            disk.write_new(bare, tags.content(pieces, path))
            return store.ingest(Made(kind, bare), recipe)


class _Result:
    """One result, put together from its parts. in_out: whether a file of it was found in out/."""

    def __init__(
        self,
        key: str,
        spec: NodeSpec,
        pinned: Mapping[str, str],
        file: Callable[[MediaKind, str, str], tuple[Artifact, bool]],
        written: WrittenFiles,
    ) -> None:
        self.key, self.spec, self.pinned = key, spec, pinned
        self.in_out = False
        self._file, self._written = file, written

    def value(self, t: Type, place: str) -> object:
        """The value of type `t` at `place`; NOTHING where none is named, or nobody knows it any more. Raises
        Lacking for media that is not here, OSError."""
        match t:
            case Maybe(inner):
                return self.value(inner, place)
            case Media(kind) if place in self.pinned:
                recipe = keys.recipe(self.spec, self.key, place)
                artifact, in_out = self._file(kind, self.pinned[place], recipe)
                self.in_out = self.in_out or in_out
                return artifact
            case ListOf(item) if any(media_in(item)) and place not in self.pinned:
                count = next(i for i in range(len(self.pinned) + 1) if not self._begins(f"{place}[{i}]"))
                return [self.value(item, f"{place}[{i}]") for i in range(count)] if count else NOTHING
        if place not in self.pinned or any(media_in(t)):
            return NOTHING
        return self._written.values.get(self.pinned[place], NOTHING)

    def _begins(self, place: str) -> bool:
        return any(name == place or name.startswith((f"{place}.", f"{place}[")) for name in self.pinned)


def used_in(graph: Callable[[], Graph]) -> UsedOf:
    """What a graph, which may grow, uses of any instance of a node. Looked up once for each graph: there may
    be as many results to find as there are instances."""
    uses = Uses(graph)
    found: dict[str, Used | None] = {}
    looked_through: Graph | None = None

    def used(spec: NodeSpec) -> Used | None:
        nonlocal looked_through
        now = graph()
        if now is not looked_through:
            found.clear()
            looked_through = now
        if spec.uses not in found:
            found[spec.uses] = _used(now, uses, spec.uses)
        return found[spec.uses]

    return used


def _used(graph: Graph, uses: Uses, name: str) -> Used | None:
    instances = graph.instances.items()
    found = [uses.of(a) for a, one in instances if any(spec.uses == name for spec in one.specs)]
    if not found or any(places is None for places in found):
        return None
    return frozenset().union(*(places or () for places in found))
