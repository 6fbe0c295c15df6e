"""Stores the media files of results in the content store of the project."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Final
from urllib.parse import urlsplit

from callsheet.errors import NodeError
from callsheet.nodes.media.blank import is_black
from callsheet.nodes.queue import content
from callsheet.nodes.queue.protocol import QueueError, Remote
from callsheet.runtime.calls.result_files import ExpectedFile
from callsheet.runtime.calls.used_outputs import missing, needed
from callsheet.runtime.graph.uses import Used
from callsheet.runtime.ledger import Attempt, Kept
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import EXTENSIONS, Store
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Made, NodeSpec
from callsheet.spec.receive import received
from callsheet.spec.types import NOTHING
from callsheet.spec.values import Place, first_step, map_placed, place_name

ABSENT: Final = "did not come"


class Stopped(NodeError):
    """A picture that is black all over: the provider's content filter stopped what was made."""

    def __init__(self, place: str) -> None:
        super().__init__(f"{place} is black: the provider's content filter stopped it", "rejected")
        self.place = place


def _unknown(_: Attempt) -> None: ...


@dataclass(frozen=True, slots=True)
class Results:
    """How results are read.

    spec: of the endpoint that an attempt was sent to. outputs: those in its raw result, `Remote` where media
    is; raises NodeError. used: what the pipeline uses of them, None when nobody knows.
    """

    spec: Callable[[Attempt], NodeSpec]
    outputs: Callable[[Attempt], Mapping[str, object]]
    used: Callable[[Attempt], Used | None] = field(default=_unknown)


class StoreFiles:
    """Keeps the files of `results` in `store`. workdir: where downloads go."""

    def __init__(self, store: Store, results: Results, workdir: Path) -> None:
        self.store = store
        self.results = results
        self.workdir = workdir
        self._facts: dict[str, Facts] = {}
        self._lasting: set[Path] = set()

    def expected(self, attempt: Attempt, without: Collection[str] = ()) -> Sequence[ExpectedFile]:
        """The media files of the result, but for what the content filter stopped.

        Raises ModelFailed when by the provider's word there is nothing, QueueError when something that the
        pipeline uses is missing.
        """
        spec, outputs = self.results.spec(attempt), self.results.outputs(attempt)
        stopped = {*without, *content.flagged(spec, attempt.result, attempt.body)}
        found = {file.place: file for file in self._named(attempt, outputs) if file.place not in stopped}
        places = needed(spec.outputs, self.results.used(attempt))
        came, flaws = _received(spec, outputs, found)
        for place in sorted(places, key=place_name):
            if lacking := missing(spec.outputs, came, place):
                raise _why(spec, attempt, lacking, stopped, flaws)
        names = {str(place[0]) for place in places}
        return [
            ExpectedFile(f.place, f.kind, f.url, first_step(f.place) in names, f.checked)
            for f in found.values()
        ]

    def named(self, attempt: Attempt) -> Sequence[ExpectedFile]:
        """All media files that the result names."""
        return self._named(attempt, self.results.outputs(attempt))

    def _named(self, attempt: Attempt, outputs: Mapping[str, object]) -> Sequence[ExpectedFile]:
        found: dict[str, ExpectedFile] = {}
        checked = content.is_checked(self.results.spec(attempt), attempt.body)

        def note(place: Place, leaf: object) -> object:
            if isinstance(leaf, Remote):
                name = place_name(place)
                found[name] = ExpectedFile(name, leaf.kind, leaf.url, checked=checked)
            return leaf

        map_placed(outputs, note)
        return list(found.values())

    def download_path(self, file: ExpectedFile) -> Path:
        """A new name in the work folder, with the URL's ending if it suits the kind."""
        path = disk.temporary(self.workdir)
        return path.with_name(path.name.lstrip(".") + _suffix(file))

    async def keep(self, file: ExpectedFile, path: Path) -> Kept:
        """Verify and store. Raises Stopped, NodeError, StoreError."""
        artifact = await asyncio.to_thread(self._ingested, file, path)
        size = artifact.path.stat().st_size
        self._facts[artifact.digest] = artifact.facts
        return Kept(file.place, file.kind, artifact.digest, artifact.path.suffix, size)

    def _ingested(self, file: ExpectedFile, path: Path) -> Artifact:
        """In the store for good: the names of the folders above the file are on the disk as well, where they
        stay once they are there."""
        artifact = self.store.take_over(Made(file.kind, path))
        if (last := artifact.path.parent) not in self._lasting:
            for folder in (self.store.root / "blobs", self.store.root, self.store.root.parent):
                disk.sync_folder(folder)
            self._lasting.add(last)
        width, height = artifact.facts.width or 0, artifact.facts.height or 0
        if file.checked and file.kind == "image" and is_black(artifact.path, width, height):
            raise Stopped(file.place)
        return artifact

    async def holds(self, kept: Kept) -> bool:
        return await asyncio.to_thread(self.is_intact, kept)

    def is_intact(self, kept: Kept) -> bool:
        """Whether the file is in the store, unharmed; reads all of it."""
        path = self.store.path(kept.digest, kept.suffix)
        return self.store.holds(Artifact(kept.kind, path, kept.digest))

    def knows(self, kept: Sequence[Kept]) -> bool:
        """Whether `outputs` has to look into none of these files, since they came just now."""
        return all(k.digest in self._facts for k in kept)

    def outputs(self, attempt: Attempt, kept: Sequence[Kept]) -> tuple[dict[str, object], tuple[str, ...]]:
        """The outputs of a COMMITTED attempt, by name, media as `Artifact` with the provider's URL; and what
        did not come as it was promised, in words."""
        by_place = {k.place: k for k in kept}
        outputs = self.results.outputs(attempt)
        files = {file.place: file for file in self._named(attempt, outputs)}

        def artifact(made: Made, place: str) -> Artifact:
            facts = self._facts.pop(by_place[place].digest, None) or self.store.inspector.probe(made.path)
            url = None if files[place].url.startswith("data:") else files[place].url
            return Artifact(by_place[place].kind, made.path, by_place[place].digest, facts, url)

        def stored(place: Place, leaf: object) -> object:
            if not isinstance(leaf, Remote):
                return leaf
            found = by_place.get(place_name(place))
            return Made(leaf.kind, self.store.path(found.digest, found.suffix)) if found else NOTHING

        came, flaws = received(self.results.spec(attempt).outputs, _filled(outputs, stored), artifact)
        return came, tuple(flaws.values())


def _received(
    spec: NodeSpec, outputs: Mapping[str, object], files: Collection[str]
) -> tuple[Mapping[str, object], Mapping[str, str]]:
    """The outputs with those of the files, and why others are not there."""

    def there(place: Place, leaf: object) -> object:
        if not isinstance(leaf, Remote):
            return leaf
        name = place_name(place)
        return Made(leaf.kind, Path(name)) if name in files else NOTHING

    return received(spec.outputs, _filled(outputs, there), lambda made, _: made)


def _filled(outputs: Mapping[str, object], change: Callable[[Place, object], object]) -> Mapping[str, object]:
    filled = map_placed(outputs, change)
    assert isinstance(filled, Mapping)
    return filled


def _why(
    spec: NodeSpec, attempt: Attempt, lacking: str, stopped: Collection[str], flaws: Mapping[str, str]
) -> QueueError:
    """What is wrong with a result of which a used part is missing."""
    name = first_step(lacking)
    if any(first_step(place) == name for place in stopped):
        return content.stopped(attempt.request_id)
    if failure := content.nothing_made(spec, attempt.result, name, attempt.request_id):
        return failure
    reasons = [reason for place, reason in flaws.items() if first_step(place) == name]
    if not reasons or ABSENT in reasons[0]:
        came = ", ".join(content.names(attempt.result)) or "nothing"
        reasons = [f"its output {lacking} {ABSENT}; what came: {came}"]
    return QueueError(f"the result cannot be used: {reasons[0]}", "unavailable")


def _suffix(file: ExpectedFile) -> str:
    """The store gives a file the usual ending of its kind when this one does not suit it."""
    if file.url.startswith("data:"):
        return ""
    suffix = PurePosixPath(urlsplit(file.url).path).suffix.lower()
    known = EXTENSIONS.get(file.kind, ())
    return suffix if suffix in known else ""
