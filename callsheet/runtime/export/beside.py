"""What an editor gets beside the media: subtitles of a film, and LUTs that were used on its pictures."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from callsheet.dsl.graph import Instance
from callsheet.errors import NodeError
from callsheet.nodes.media.text.cue import cues_of
from callsheet.nodes.text.formats.subtitle_writer import written
from callsheet.runtime.graph.arguments import LocalFiles, parameters, without_lost
from callsheet.runtime.graph.dag import needs_of, upstream
from callsheet.runtime.output.file_names import file_name
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves

LOOKED_AT: Final = ("media/subtitles", "media/color")
"""Operations that have subtitles or LUTs, and those that begin like them."""


@dataclass(frozen=True, slots=True)
class Beside:
    """A file beside the media. folder: `subtitles` or `luts`. stem, ending: of its name. content: bytes."""

    folder: str
    stem: str
    ending: str
    content: bytes

    @property
    def digest(self) -> str:
        """The sha256 of its bytes, hex."""
        return sha256(self.content).hexdigest()


def beside(now: ProjectState, address: str, files: LocalFiles) -> tuple[Beside, ...]:
    """The files beside the media of the film that the instance at `address` made. What cannot be read is left
    out."""
    before = upstream(needs_of(now.graph), [address])
    found: dict[str, Beside] = {}
    for name, instance in now.graph.instances.items():
        if name in before and name in now.outputs and instance.spec.uses.startswith(LOOKED_AT):
            for one in _of(instance, now, files):
                found.setdefault(one.digest, one)
    return tuple(found.values())


def _of(instance: Instance, now: ProjectState, files: LocalFiles) -> Iterator[Beside]:
    try:
        given = parameters(instance, without_lost(instance, now.outputs), files)
    except NodeError:
        return
    if instance.spec.uses == "media/subtitles":
        yield from _subtitles(given)
    for lut in leaves(given.get("lut"), Artifact):
        with suppress(OSError):
            yield Beside("luts", file_name(lut.path.stem), lut.path.suffix, lut.path.read_bytes())


def _subtitles(given: Mapping[str, object]) -> Iterator[Beside]:
    """One file for what is burnt in, and one for each language that a player shows."""
    tracks = given.get("tracks")
    several = [("burnt-in", given.get("lines"))]
    for track in tracks if isinstance(tracks, list | tuple) else ():
        if isinstance(track, Mapping):
            several.append((str(track.get("name") or track.get("language")), track.get("lines")))
    for name, lines in several:
        cues = cues_of(lines)
        if cues:
            yield Beside(
                "subtitles", file_name(name), ".srt", written(cues, "srt").encode("utf-8", "replace")
            )
