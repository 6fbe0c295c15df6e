"""A store that a team shares: what one of them paid for, the others download.

    blobs/ab/cdef…                      a media file under the digest of its bytes
    records/ab/cdef…-<outputs>.json     the outputs of a key, media by digest
    keys/ab/cdef….json                  which outputs a request gave first, for which film, from what

Files are written once and never changed, so two writers at once write the same bytes. Nothing in the store is
trusted where the lock file says which digests the outputs of a key must have. For other requests a team may
believe the store: see `callsheet.runtime.remote_store.offer`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from callsheet.nodes.queue.largest_files import CAPS
from callsheet.runtime.lock.digests import pins
from callsheet.runtime.remote_store import offer, record
from callsheet.runtime.remote_store.backend import Backend, Missing, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.blob_names import BLOBS, blob_name
from callsheet.runtime.remote_store.offer import Offer, OtherVersion, Purchase
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.output_codec import Outputs
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, NodeSpec
from callsheet.spec.values import leaves, map_leaves

LARGEST_RECORD: Final = 16 * 1024 * 1024


Lost = Mapping[str, str] | None
"""Outputs by digest that a store does not give."""


class SharedStore:
    """The shared store in `backend`; downloads go to the project's own `store`. Its methods may be called
    from several threads."""

    def __init__(self, backend: Backend, store: Store) -> None:
        self.backend = backend
        self.store = store

    @classmethod
    def at(cls, location: str, store: Store) -> SharedStore:
        """The shared store in a folder or at a URL. Raises InputError when no installed backend can reach
        it."""
        return cls(backend_at(location), store)

    def record(self, key: str, pinned: Mapping[str, str]) -> bytes:
        """The record of a key. Raises Missing, Unreachable, Refused."""
        return small_file(self.backend, record.name_of(key, pinned))

    def offer(self, key: str) -> Offer | None:
        """The result that the store has for a request, whoever bought it. Raises Unreachable, Refused."""
        if self.backend.is_new:
            return None
        try:
            text = small_file(self.backend, offer.name_of(key))
        except Missing:
            return None
        return offer.offer_in(text, key)

    def outputs(self, text: bytes, key: str, pinned: Mapping[str, str], spec: NodeSpec) -> Outputs:
        """The outputs in a record; their files are not downloaded yet. Raises Refused."""
        return record.outputs_in(text, key, pinned, spec, self.store.path)

    def download(self, outputs: Outputs, known: Callable[[Artifact], bool]) -> Outputs:
        """`outputs` with their files in the local store, each verified by its digest.

        known: whether a file is in the local store already. Raises Missing, Unreachable, Refused, and
        NodeError and StoreError where the local store does.
        """

        def local(leaf: object) -> object:
            return leaf if not isinstance(leaf, Artifact) or known(leaf) else self._fetched(leaf)

        return {name: map_leaves(value, local) for name, value in outputs.items()}

    def push(self, key: str, outputs: Outputs, again: bool = False) -> bool:
        """Upload the outputs of a key: files first, so that a record never names a missing file.
        again: in the place of what the store has, which is damaged. Returns whether the record is new.

        Raises Unreachable, StoreError.
        """
        self.backend.begin()
        for artifact in leaves(outputs, Artifact):
            self.backend.put(blob_name(artifact.digest), artifact.path, again)
        name, text = record.name_of(key, pins(outputs)), record.written(outputs)
        new = self.backend.write(name, text, first=True)
        if not new and (again or not self._has(name, text)):
            self.backend.write(name, text, first=False)
        return new

    def _has(self, name: str, text: bytes) -> bool:
        try:
            return small_file(self.backend, name) == text
        except (Missing, Refused):
            return False

    def put_offer(self, key: str, outputs: Outputs, purchase: Purchase, lost: Lost = None) -> Offer | None:
        """Say that the store has these outputs for `key`, unless it has others. Returns the offer of others,
        None if there is none: of two results the first counts. lost: the outputs that the store does not
        give, though it may say that it has them; an offer of those is replaced.

        Raises Unreachable.
        """
        pinned, name = pins(outputs), offer.name_of(key)
        text = offer.written(purchase, pinned)
        try:
            if self.backend.write(name, text, first=True):
                return None
            before = self._offer_of_others(key)
        except OtherVersion:
            return None
        except Refused:
            self.backend.write(name, text, first=False)
            return None
        if before.made.outputs == pinned:
            return None
        if before.made.outputs == lost:
            self.backend.write(name, text, first=False)
            return None
        return before

    def _offer_of_others(self, key: str) -> Offer:
        """The offer that was there first. Raises Unreachable where the store says only that there is one."""
        found = self.offer(key)
        if found is None:
            raise Unreachable(
                f"{self.backend.title} has another result of the same request and does not show it"
            )
        return found

    def verified(self) -> Iterator[tuple[str, bool]]:
        """Every media file by its name, and whether its bytes have the digest in it; reads all of them.

        Raises Unreachable.
        """
        for entry in self.backend.entries(BLOBS):
            shown = "".join(c if c.isprintable() else "?" for c in entry.name)
            yield f"{self.backend.title}/{shown}", self._is_whole(entry.name)

    def _is_whole(self, name: str) -> bool:
        sha = hashlib.sha256()
        try:
            for piece in self.backend.read(name):
                sha.update(piece)
        except Missing:
            return False
        return blob_name(sha.hexdigest()) == name

    def _fetched(self, artifact: Artifact) -> Artifact:
        """Download a file into a work folder and store it, with the checks that every result gets."""
        with self.store.workdir() as folder:
            path = folder / f"file{artifact.path.suffix}"
            sha = hashlib.sha256()
            cap = CAPS.get(artifact.kind, max(CAPS.values()))
            disk.write_new(
                path, _watched(capped(self.backend.read(blob_name(artifact.digest)), cap), sha.update)
            )
            if sha.hexdigest() != artifact.digest:
                raise Refused("a file in it is damaged")
            return self.store.ingest(Made(artifact.kind, path), artifact.recipe)


def small_file(backend: Backend, name: str) -> bytes:
    """A record, or another small file. Raises Missing, Unreachable, and Refused for a large one."""
    return b"".join(capped(iter([backend.beginning(name, LARGEST_RECORD + 1)]), LARGEST_RECORD))


def capped(pieces: Iterator[bytes], most: int) -> Iterator[bytes]:
    """The pieces of a file, so many bytes at most. Raises Refused for a larger one."""
    size = 0
    for piece in pieces:
        size += len(piece)
        if size > most:
            raise Refused(f"it is larger than {most // 2**20} MiB")
        yield piece


def _watched(pieces: Iterator[bytes], note: Callable[[bytes], object]) -> Iterator[bytes]:
    for piece in pieces:
        note(piece)
        yield piece
