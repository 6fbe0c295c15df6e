"""The media of a page: which files it may show, under short ids."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.page.document.medium import Medium
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.spec.media import Artifact
from callsheet.spec.values import LocalFile, placed_leaves

DIGITS: Final = 16
"""Of a digest, as the id of a medium. Two files of one film do not share so many."""
Files = dict[str, tuple[str, ...]]


@dataclass(slots=True)
class Library:
    """Collects the media of a page. artifacts: id → the file, for what makes proxies of it or serves it.
    previews: ids of stand-ins."""

    files: LocalFiles
    artifacts: dict[str, Artifact] = field(default_factory=dict)
    previews: set[str] = field(default_factory=set)
    titles: dict[str, str] = field(default_factory=dict)

    def outputs(self, address: str, outputs: object, preview: bool) -> Files:
        """Output → ids of the media in it, which are added."""
        found: dict[str, list[str]] = {}
        for place, artifact in placed_leaves(outputs, Artifact):
            name = self._add(artifact, preview, f"{address} {place[0]}")
            found.setdefault(str(place[0]), []).append(name)
        return {output: tuple(ids) for output, ids in found.items()}

    def own_file(self, file: LocalFile) -> str:
        """The id of a file of the user's, which is added; "" for one that cannot be read."""
        try:
            artifact = self.files.artifact(file)
        except NodeError:
            return ""
        return self._add(artifact, preview=False, title=file.path.name)

    def add(self, artifact: Artifact, title: str) -> str:
        """The id of a result of an earlier run, which is added."""
        return self._add(artifact, preview=False, title=title)

    def media(self) -> dict[str, Medium]:
        """Id → the medium, without a place where the page finds it."""
        return dict(self._media())

    def _add(self, artifact: Artifact, preview: bool, title: str) -> str:
        name = artifact.digest[:DIGITS]
        if name not in self.artifacts:
            self.artifacts[name] = artifact
            self.titles[name] = title
            if preview:
                self.previews.add(name)
        return name

    def _media(self) -> Iterator[tuple[str, Medium]]:
        for name, artifact in self.artifacts.items():
            facts = artifact.facts
            yield (
                name,
                Medium(
                    kind=artifact.kind,
                    name=_readable(self.titles[name], artifact.path),
                    seconds=facts.seconds,
                    width=facts.width,
                    height=facts.height,
                    fps=facts.fps,
                    audio=facts.audio,
                    preview=name in self.previews,
                ),
            )


def _readable(title: str, path: Path) -> str:
    return title if title.endswith(path.suffix) else f"{title}{path.suffix}"
