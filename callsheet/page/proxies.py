"""Small copies of a project's media, for its pages. They are made once and kept in the state folder, by the
digest of the file; deleting them costs nothing but time.

    <state>/proxies/ab/cdef….webp     a still picture
    <state>/proxies/ab/cdef….big.webp a whole picture, for an image
    <state>/proxies/ab/cdef….mp4      a film that every browser plays; .m4a: a sound
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.disk_errors import explained
from callsheet.spec.media import Artifact

PROXIES: Final = "proxies"
STILL: Final = ".webp"
AT_ONCE: Final = 2


@dataclass(frozen=True, slots=True)
class Proxies:
    """The small copies in `folder`. Safe to use from several threads and processes: a file has its name only
    when it is whole."""

    folder: Path

    @classmethod
    def of(cls, workspace: Workspace) -> Proxies:
        """Those of a project."""
        return cls(workspace.state / PROXIES)

    def poster(self, artifact: Artifact) -> Path | None:
        """A still picture of an image or a video; None for what has none.

        Raises NodeError for a file that is not there or cannot be read, StoreError.
        """
        from callsheet.nodes.media.proxy import poster

        if artifact.kind not in ("image", "video"):
            return None
        path = self._path(artifact, STILL)
        if not path.is_file():
            _require(artifact)
            content = poster(artifact)
            disk.make_folder(path.parent)
            disk.replace(path, [content or b""])
        return path

    def proxy(self, artifact: Artifact) -> Path | None:
        """A copy that a browser plays, or the file itself where that is small already; None for a kind that
        cannot be shown. Raises as `poster`."""
        from callsheet.nodes.media.proxy import ENDINGS, write_proxy

        ending = ENDINGS.get(artifact.kind)
        if ending is None:
            return None
        path = self._path(artifact, ".big.webp" if artifact.kind == "image" else ending)
        if path.is_file():
            return path
        _require(artifact)
        disk.make_folder(path.parent)
        part = path.with_name(f".{os.getpid()}-{path.name}")
        try:
            if not write_proxy(artifact, part):
                return artifact.path
            disk.move(part, path)
        except OSError as error:
            raise explained(error, path) from error
        finally:
            part.unlink(missing_ok=True)
        return path

    def _path(self, artifact: Artifact, ending: str) -> Path:
        return self.folder / artifact.digest[:2] / f"{artifact.digest[2:]}{ending}"


def all_of(
    artifacts: list[Artifact], make: Callable[[Artifact], Path | None]
) -> Iterator[tuple[Path | None, str]]:
    """For each artifact in order the copy, and why there is none. Two are made at once."""

    def made(artifact: Artifact) -> tuple[Path | None, str]:
        try:
            return make(artifact), ""
        except NodeError as error:
            return None, error.message

    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(made, artifacts)


def _require(artifact: Artifact) -> None:
    """Raises NodeError for a file that is not there: somebody may have cleared the store."""
    if not artifact.path.is_file():
        raise NodeError("its file is not on this machine any more", "local", "run the film again")
