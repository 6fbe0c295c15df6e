"""Stores the media files of results in the content store of the project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from callsheet.nodes.queue.protocol import Remote
from callsheet.runtime.calls.result_files import ExpectedFile
from callsheet.runtime.ledger import Attempt, Kept
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import EXTENSIONS, Store
from callsheet.spec.conform import delivered
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made
from callsheet.spec.types import Type
from callsheet.spec.values import Place, map_placed, place_name

OutputTypes = Callable[[Attempt], Mapping[str, Type]]
ReadOutputs = Callable[[Attempt], Mapping[str, object]]


class StoreFiles:
    """Keeps files in `store`.

    output_types: the outputs of an attempt's spec. read: the outputs in its raw result, `Remote` where media
    is; raises NodeError. workdir: where downloads go.
    """

    def __init__(self, store: Store, output_types: OutputTypes, read: ReadOutputs, workdir: Path) -> None:
        self.store = store
        self.output_types = output_types
        self.read = read
        self.workdir = workdir

    def expected(self, attempt: Attempt) -> Sequence[ExpectedFile]:
        """The media files of the result. Raises NodeError when an output of the spec is missing."""
        found: list[ExpectedFile] = []

        def note(place: str, remote: Remote) -> Made:
            found.append(ExpectedFile(place, remote.kind, remote.url))
            return Made(remote.kind, Path(place))

        delivered(self.output_types(attempt), _filled(self.read(attempt), note), lambda made, _: made)
        return found

    def download_path(self, file: ExpectedFile) -> Path:
        """A new name in the work folder, with the URL's ending if it suits the kind."""
        path = disk.temporary(self.workdir)
        return path.with_name(path.name.lstrip(".") + _suffix(file))

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        """Verify and store. Raises NodeError, StoreError."""
        artifact = await asyncio.to_thread(self._ingested, Made(file.kind, path))
        path.unlink(missing_ok=True)
        size = artifact.path.stat().st_size
        return Kept(file.place, file.kind, artifact.digest, artifact.path.suffix, size)

    def _ingested(self, made: Made) -> Artifact:
        """In the store for good: the names of the folders above the file are on the disk as well."""
        artifact = self.store.ingest(made)
        for folder in (self.store.root / "blobs", self.store.root, self.store.root.parent):
            disk.sync_folder(folder)
        return artifact

    async def holds(self, kept: Kept) -> bool:
        return await asyncio.to_thread(self.is_intact, kept)

    def is_intact(self, kept: Kept) -> bool:
        """Whether the file is in the store, unharmed; reads all of it."""
        path = self.store.path(kept.digest, kept.suffix)
        return self.store.holds(Artifact(kept.kind, path, kept.digest))

    def outputs(self, attempt: Attempt, kept: Sequence[Kept]) -> dict[str, object]:
        """The outputs of a COMMITTED attempt: by name, media as `Artifact` with the provider's URL."""
        by_place = {k.place: k for k in kept}
        urls: dict[str, str] = {}

        def found(place: str, remote: Remote) -> Made:
            urls[place] = remote.url
            return Made(remote.kind, self.store.path(by_place[place].digest, by_place[place].suffix))

        def artifact(made: Made, place: str) -> Artifact:
            facts = self.store.inspector.probe(made.path)
            url = None if urls[place].startswith("data:") else urls[place]
            return Artifact(by_place[place].kind, made.path, by_place[place].digest, facts, url)

        return delivered(self.output_types(attempt), _filled(self.read(attempt), found), artifact)


def _filled(outputs: Mapping[str, object], at: Callable[[str, Remote], object]) -> dict[str, object]:
    """The outputs with each remote file replaced by what `at` gives for its place (`images[0]`)."""

    def fill(place: Place, leaf: object) -> object:
        return at(place_name(place), leaf) if isinstance(leaf, Remote) else leaf

    return {name: map_placed(value, fill, (name,)) for name, value in outputs.items()}


def _suffix(file: ExpectedFile) -> str:
    """The store gives a file the usual ending of its kind when this one does not suit it."""
    if file.url.startswith("data:"):
        return ""
    suffix = PurePosixPath(urlsplit(file.url).path).suffix.lower()
    known = EXTENSIONS.get(file.kind, ())
    return suffix if suffix in known else ""
