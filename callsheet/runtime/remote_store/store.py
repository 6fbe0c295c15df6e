"""A store that a team shares: what one of them paid for, the others need not.

    blobs/ab/cdef…                      a media file under the digest of its bytes
    records/ab/cdef…-<outputs>.json     the outputs of a key, media by digest

Files are written once and never changed, so two who write at once write the same. What comes from there is
taken for no more than a guess: the lock of the project says what it must be.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from callsheet.nodes.queue.downloads import CAPS
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.remote_store import record
from callsheet.runtime.remote_store.backends import Place, place_at
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, NodeSpec
from callsheet.spec.values import leaves, map_leaves

BLOBS: Final = "blobs"
LARGEST_RECORD: Final = 16 * 1024 * 1024


class SharedStore:
    """What lies at `place`, for a project that keeps its own files in `store`. Its methods may be called
    from several threads."""

    def __init__(self, place: Place, store: Store) -> None:
        self.place = place
        self.store = store

    @classmethod
    def at(cls, where: str, store: Store) -> SharedStore:
        """The shared store at a folder or URL. Raises InputError when nothing here can reach it."""
        return cls(place_at(where), store)

    def record(self, key: str, pinned: Mapping[str, str]) -> bytes:
        """The record of a key. Raises Missing, Unreachable, Refused."""
        return b"".join(_capped(self.place.read(record.name_of(key, pinned)), LARGEST_RECORD))

    def outputs(self, text: bytes, key: str, pinned: Mapping[str, str], spec: NodeSpec) -> Outputs:
        """The outputs in a record; their files are not here yet. Raises Refused."""
        return record.outputs_in(text, key, pinned, spec, self.store.path)

    def bring(self, outputs: Outputs, known: Callable[[Artifact], bool]) -> Outputs:
        """`outputs` with their files in the local store, each with the bytes it must have.

        known: whether a file is here already. Raises Missing, Unreachable, Refused, and NodeError and
        StoreError where the local store does.
        """

        def bring(leaf: object) -> object:
            return leaf if not isinstance(leaf, Artifact) or known(leaf) else self._fetched(leaf)

        return {name: map_leaves(value, bring) for name, value in outputs.items()}

    def push(self, key: str, outputs: Outputs) -> bool:
        """Put the outputs of a key there: files first, so that a record never names what is not there.
        Whether they are new there.

        Raises Unreachable, StoreError.
        """
        for artifact in leaves(outputs, Artifact):
            self.place.put(_blob(artifact.digest), artifact.path)
        with self.store.workdir() as folder:
            path = folder / "record.json"
            disk.write_new(path, [record.written(outputs)])
            return self.place.put(record.name_of(key, pins(outputs)), path)

    def verified(self) -> Iterator[tuple[str, bool]]:
        """Every media file there by its name, and whether it has its digest; reads all of it.

        Raises Unreachable.
        """
        for name, _ in self.place.names():
            if name.startswith(f"{BLOBS}/"):
                sha = hashlib.sha256()
                for piece in self.place.read(name):
                    sha.update(piece)
                yield f"{self.place.title}/{name}", _blob(sha.hexdigest()) == name

    def _fetched(self, artifact: Artifact) -> Artifact:
        """Store it through a work folder, with the same checks as every other result."""
        with self.store.workdir() as folder:
            path = folder / f"file{artifact.path.suffix}"
            sha = hashlib.sha256()
            cap = CAPS.get(artifact.kind, max(CAPS.values()))
            disk.write_new(path, _noted(_capped(self.place.read(_blob(artifact.digest)), cap), sha.update))
            if sha.hexdigest() != artifact.digest:
                raise Refused("a file is damaged there")
            return self.store.ingest(Made(artifact.kind, path), artifact.recipe)


def _blob(digest: str) -> str:
    return f"{BLOBS}/{digest[:2]}/{digest[2:]}"


def _capped(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Refused(f"it is larger than {most // 2**20} MiB")
        yield piece


def _noted(pieces: Iterator[bytes], note: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        note(piece)
        yield piece
