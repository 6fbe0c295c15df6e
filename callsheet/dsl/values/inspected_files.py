"""An inspector that reads each media file once."""

from __future__ import annotations

from pathlib import Path

from callsheet.spec.media import Facts, Inspector
from callsheet.spec.types import MediaKind


class InspectedFiles:
    """What `inspector` found in the files that were asked for; many instances ask for the same."""

    def __init__(self, inspector: Inspector) -> None:
        self._inspector = inspector
        self._kinds: dict[Path, MediaKind | None] = {}
        self._facts: dict[Path, Facts] = {}

    def identify(self, path: Path) -> MediaKind | None:
        """The kind of media in the file, None for none. Raises OSError."""
        if path not in self._kinds:
            self._kinds[path] = self._inspector.identify(path)
        return self._kinds[path]

    def unreadable(self, path: Path) -> str:
        """The name of a format that nothing here reads, or "". Raises OSError."""
        return self._inspector.unreadable(path)

    def probe(self, path: Path) -> Facts:
        """The facts of the file. Raises NodeError."""
        if path not in self._facts:
            self._facts[path] = self._inspector.probe(path)
        return self._facts[path]
