"""The shelf of a running project: the content store."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from callsheet.dsl.types import Media, Type
from callsheet.nodes.artifact import Artifact
from callsheet.nodes.job import Made
from callsheet.runtime import disk
from callsheet.runtime.calls.result import read
from callsheet.runtime.calls.shelf import Wanted
from callsheet.runtime.ledger import Attempt, Kept
from callsheet.runtime.promise import delivered
from callsheet.runtime.store import EXTENSIONS, Store

Promised = Callable[[Attempt], Mapping[str, Type]]


class StoreShelf:
    """Keeps files in `store`. promised: the outputs of an attempt's spec. workdir: where downloads go."""

    def __init__(self, store: Store, promised: Promised, workdir: Path) -> None:
        self.store = store
        self.promised = promised
        self.workdir = workdir

    def wanted(self, attempt: Attempt) -> Sequence[Wanted]:
        """The media of the result. Raises NodeError when anything that was promised did not come."""
        found: list[Wanted] = []

        def visit(place: str, t: Media, url: str) -> Made:
            found.append(Wanted(place, t.kind, url))
            return Made(t.kind, Path(place))

        outputs = self.promised(attempt)
        delivered(outputs, read(outputs, attempt.result, visit), lambda made, _: made)
        return found

    def room(self, wanted: Wanted) -> Path:
        """A new name in the work folder, with the URL's ending if it suits the kind."""
        path = disk.temporary(self.workdir)
        return path.with_name(path.name.lstrip(".") + _suffix(wanted))

    async def keep(self, wanted: Wanted, path: Path) -> Kept:
        """Verify and store. Raises NodeError, StoreError."""
        artifact = await asyncio.to_thread(self.store.ingest, Made(wanted.kind, path))
        path.unlink(missing_ok=True)
        size = artifact.path.stat().st_size
        return Kept(wanted.place, wanted.kind, artifact.digest, artifact.path.suffix, size)

    async def holds(self, kept: Kept) -> bool:
        path = self.store.path(kept.digest, kept.suffix)
        return await asyncio.to_thread(self.store.holds, Artifact(kept.kind, path, kept.digest))

    def outputs(self, attempt: Attempt, kept: Sequence[Kept]) -> dict[str, object]:
        """The outputs of a COMMITTED attempt: by name, media as `Artifact` with the provider's URL."""
        by_place = {k.place: k for k in kept}
        urls: dict[str, str] = {}

        def visit(place: str, t: Media, url: str) -> Made:
            urls[place] = url
            return Made(t.kind, self.store.path(by_place[place].digest, by_place[place].suffix))

        def artifact(made: Made, place: str) -> Artifact:
            facts = self.store.inspector.probe(made.path)
            return Artifact(by_place[place].kind, made.path, by_place[place].digest, facts, urls[place])

        promised = self.promised(attempt)
        return delivered(promised, read(promised, attempt.result, visit), artifact)


def _suffix(wanted: Wanted) -> str:
    """The store gives a file the usual ending of its kind when this one does not suit it."""
    if wanted.url.startswith("data:"):
        return ""
    suffix = PurePosixPath(urlsplit(wanted.url).path).suffix.lower()
    known = EXTENSIONS.get(wanted.kind, ())
    return suffix if suffix in known else ""
