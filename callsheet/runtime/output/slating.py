"""Writes the files of a preview with the band that tells what they show."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.errors import NodeError
from callsheet.runtime.output.provenance.history import History
from callsheet.spec.looks import Slate
from callsheet.spec.media import Artifact
from callsheet.spec.node import Parts

if TYPE_CHECKING:
    from callsheet.nodes.preview.story import Story


class Slating:
    """Puts bands on what a preview gives out, as `slate` says: `band` below the picture, `over` its lowest
    part, or `off`. cancelled: whether the run is being stopped. parts: keeps the parts of films. What it
    draws with is loaded when it is needed."""

    def __init__(
        self, history: History, slate: Slate, cancelled: Callable[[], bool], parts: Parts | None = None
    ) -> None:
        self.slate, self._cancelled, self._parts = slate, cancelled, parts
        self._history = history
        self._known: dict[tuple[str, str], Story] = {}

    def story(self, address: str, artifact: Artifact) -> Story | None:
        """What a medium tells; None where it gets no band. Used by one thread at a time."""
        if self.slate == "off" or artifact.kind not in ("image", "video"):
            return None
        from callsheet.runtime.output.told import Stories

        story = Stories(self._history, self._known).of(address, artifact)
        return story if story.beats else None

    def name(self, story: Story | None) -> str:
        """Tells files of the same content apart by their bands; "" for none."""
        if story is None:
            return ""
        from callsheet.nodes.preview.banded_parts import VERSION

        text = repr((VERSION, self.slate, story))
        return " " + hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:16]

    def write(self, source: Path, target: Path, story: Story) -> bool:
        """Write `source` with its band to `target`; False if it cannot be read, or not written in its form.

        Raises NodeError (*local*) when the run is stopped.
        """
        from callsheet.nodes.preview.slated import write

        try:
            return write(source, target, story, self.slate, self._cancelled, self._parts)
        except NodeError:
            if self._cancelled():
                raise
            return False
