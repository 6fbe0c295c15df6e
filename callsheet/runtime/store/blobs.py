"""The content store: every media file once, under the digest of its bytes.

    <root>/blobs/ab/cdef….mp4    read-only; written atomically
    <root>/cache.db              earlier results by key (see `cache`)
    <root>/work/<process>@<machine>-…/     the folder of one job, removed when it is over

Previews have a store with another root, so that a preview is never taken for a real result.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.runtime.store import atomic as disk
from callsheet.spec.disk_errors import explained
from callsheet.spec.media import Artifact, Facts, Inspector
from callsheet.spec.node import Made
from callsheet.spec.types import MediaKind

EXTENSIONS: Final[Mapping[MediaKind, tuple[str, ...]]] = {
    "image": (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tiff"),
    "video": (".mp4", ".mov", ".webm", ".mkv", ".m4v", ".avi"),
    "audio": (".wav", ".mp3", ".m4a", ".flac", ".ogg", ".opus", ".aac"),
}


class Store:
    """A content store at `root`. Its methods may be called from several threads."""

    def __init__(self, root: Path, inspector: Inspector | None = None) -> None:
        self.root = root
        self.inspector = inspector or MediaInspector()

    def prepare(self) -> None:
        """Create the folders and remove what killed processes left in them. Raises StoreError."""
        for folder in (self.root / "blobs", self.root / "work"):
            disk.make_folder(folder)
            disk.sweep(folder)
        for folder in (self.root / "work").iterdir():
            if disk.is_left_over(folder.name.rpartition("-")[0]):
                shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def workdir(self) -> Iterator[Path]:
        """An empty folder for one job, removed afterwards with its files."""
        try:
            folder = Path(tempfile.mkdtemp(prefix=f"{disk.this_process()}-", dir=self.root / "work"))
        except OSError as error:
            raise explained(error, self.root / "work" / "…") from error
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def lazy_workdir(self) -> Iterator[Callable[[], Path]]:
        """As `workdir`, but the folder is created when it is first needed."""
        with contextlib.ExitStack() as stack:
            yield LazyFolder(lambda: stack.enter_context(self.workdir()))

    def ingest(self, made: Made, recipe: str = "") -> Artifact:
        """Store a file that a job made, unless a worker has stored it. recipe: its `Artifact.recipe`.

        Raises NodeError (*failed*) if it is missing or not the media it claims to be, StoreError if it cannot
        be written.
        """
        if made.stored is not None:
            return replace(made.stored, recipe=recipe, shots=made.shots)
        facts = self._verified(made)
        blobs = self.root / "blobs"
        new = disk.temporary(blobs)
        sha = hashlib.sha256()
        disk.write_new(new, _hashed(made.path, sha.update), mode=disk.READ_ONLY)
        digest = sha.hexdigest()
        path = self._keep(new, self.path(digest, extension(made)))
        return Artifact(made.kind, path, digest, facts, recipe=recipe, shots=made.shots)

    def take_over(self, made: Made) -> Artifact:
        """Store a file that is nobody else's, as `ingest` does; it is gone from its place then, since it is
        moved where the disk can do that.

        Raises NodeError (*failed*), StoreError.
        """
        facts = self._verified(made)
        try:
            digest = disk.digest(made.path)
        except OSError as error:
            raise explained(error, made.path) from error
        path, new = self.path(digest, extension(made)), disk.temporary(self.root / "blobs")
        if not disk.taken(made.path, new):
            artifact = self.ingest(made)
            made.path.unlink(missing_ok=True)
            return artifact
        disk.settle(new)
        return Artifact(made.kind, self._keep(new, path), digest, facts)

    def path(self, digest: str, suffix: str) -> Path:
        """The path of the file with this digest, stored or not."""
        return self.root / "blobs" / digest[:2] / f"{digest[2:]}{suffix}"

    def holds(self, artifact: Artifact) -> bool:
        """Whether the file of `artifact` is stored with the right bytes; reads all of it."""
        try:
            return disk.digest(artifact.path) == artifact.digest
        except OSError:
            return False

    def _verified(self, made: Made) -> Facts:
        if not made.path.is_file():
            raise NodeError(f"the {made.kind} that should be made was not written", "failed")
        if made.kind == "file":
            return Facts()
        found = self.inspector.identify(made.path)
        if found != made.kind:
            holds = f"holds {_a(found)}" if found else "is no media that can be read"
            raise NodeError(
                f"the result should be {_a(made.kind)}, but the file {holds}", "failed", "run it again"
            )
        return self.inspector.probe(made.path)

    def _keep(self, new: Path, path: Path) -> Path:
        """Rename a complete file to its final path. A file that is there, the same or a damaged one, is
        replaced."""
        try:
            if not path.parent.is_dir():
                path.parent.mkdir(exist_ok=True)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise explained(error, path) from error
        disk.move(new, path)
        return path


class LazyFolder:
    """A folder that is created at the first call; later calls return the same one."""

    __slots__ = ("_folder", "_make")

    def __init__(self, make: Callable[[], Path]) -> None:
        self._make = make
        self._folder: Path | None = None

    def __call__(self) -> Path:
        if self._folder is None:
            self._folder = self._make()
        return self._folder


def extension(made: Made) -> str:
    """The file name ending for `made`: the one it has if it suits its kind, else the usual one."""
    suffix = made.path.suffix.lower()
    if made.kind == "file":
        return suffix if suffix[1:].isascii() and suffix[1:].isalnum() and len(suffix) <= 9 else ".bin"
    known = EXTENSIONS[made.kind]
    return suffix if suffix in known else known[0]


def _hashed(path: Path, update: Callable[[bytes], object]) -> Iterator[bytes]:
    for chunk in disk.chunks(path):
        update(chunk)
        yield chunk


def _a(kind: str) -> str:
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"
