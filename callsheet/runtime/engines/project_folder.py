"""The store of a project as the place of media: workers see it under the same path."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.engines.place import NOT_SHARED, verified
from callsheet.runtime.engines.scratch import scratch
from callsheet.runtime.engines.where import host
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.store.blobs import Store
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made

OWN: Final = "project:"
"""How the location of a project's own folder begins."""


class ProjectFolder:
    """The store of a project, which workers see under the same path. Nothing is copied."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.location = f"{OWN}{store.root.absolute()}"

    def put(self, artifact: Artifact) -> None:
        path = self.store.path(artifact.digest, artifact.path.suffix)
        if artifact.path == path or path.is_file():
            return
        disk.make_folder(path.parent)
        new = disk.temporary(path.parent)
        try:
            shutil.copyfile(artifact.path, new)
            verified(new, artifact.digest, artifact.path.name)
        except OSError as error:
            new.unlink(missing_ok=True)
            raise NodeError(f"{artifact.path} cannot be read: {error.strerror}", "local") from error
        disk.move(new, path, lasting=False)

    def path_of(self, digest: str, suffix: str) -> Path:
        return self.store.path(digest, suffix)

    def path(self, digest: str, suffix: str) -> Path:
        path = self.path_of(digest, suffix)
        if not path.is_file():
            raise NodeError(
                f"{self.store.root} on {host()} lacks a file that is asked for", "local", NOT_SHARED
            )
        return path

    def keep(self, made: Made) -> Artifact:
        return self.store.ingest(made)

    def taken(self, artifact: Artifact, folder: Callable[[], Path]) -> Made:
        path = self.store.path(artifact.digest, artifact.path.suffix)
        verified(path, artifact.digest, "a result")
        return Made(artifact.kind, path, artifact.shots, stored=artifact)

    def forget(self, artifact: Artifact) -> None:
        self.path_of(artifact.digest, artifact.path.suffix).unlink(missing_ok=True)

    def workdir(self) -> contextlib.AbstractContextManager[Callable[[], Path]]:
        return scratch().lazy_workdir()
