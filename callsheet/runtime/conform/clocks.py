"""Where the time code of media begins. An EDL does not say it: it names a place in it alone."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from pathlib import PureWindowsPath
from typing import Final

from callsheet.runtime.conform.match import plain_name
from callsheet.runtime.export.cut import EditCut, Medium
from callsheet.runtime.export.read_cut import title
from callsheet.runtime.export.start_codes import MINUTES, frame_in, minute_of
from callsheet.runtime.project_state import ProjectState
from callsheet.spec.media import Artifact
from callsheet.spec.values import leaves

LONGEST: Final = 59
"""Seconds that a medium has for itself in its minute."""
DISPLACED: Final = 60
"""Minutes after the one that its name asks for in which a medium is looked for."""


class Clocks:
    """cut: the film as it is. It may lack shots that the EDL shows, and have others of their takes: of these
    the name tells the minute."""

    def __init__(self, now: ProjectState, cut: EditCut) -> None:
        self.now, self.cut = now, cut
        self.reels = {medium.reel: medium for medium in cut.media.values()}
        self.shots: dict[str, list[str]] = {}
        self.media: dict[str, Medium] = {}
        for medium in cut.media.values():
            self.shots.setdefault(plain_name(medium.name), []).append(medium.name)
            self.media.setdefault(plain_name(medium.name), medium)
        for _, name in self._named:
            self.shots.setdefault(plain_name(name), []).append(name)

    def __call__(self, reel: str, name: str, first: int) -> int:
        """The frame of the film's rate at which the time code of a medium begins. reel, name: of it, in the
        EDL. first: the first frame that the EDL shows of it."""
        name = PureWindowsPath(name).name
        medium = self.reels.get(reel) or self.media.get(plain_name(name))
        if medium is not None and self._has(medium, first):
            return medium.begins_at(self.cut.rate)
        names = self.shots.get(plain_name(name), [])
        names = [name, *names] if names else [name for known, name in self._named if known == reel]
        begun = (at for one in names for at in self._minutes(one))
        found = next((at for at in begun if 0 <= first - at <= self._length), None)
        if found is None and medium is not None:
            return medium.begins_at(self.cut.rate)
        return found or 0

    @property
    def _length(self) -> int:
        return int(LONGEST * self.cut.rate)

    def _has(self, medium: Medium, first: int) -> bool:
        whole = int(medium.frames / medium.rate * self.cut.rate) if medium.rate else self.cut.frames
        return 0 <= first - medium.begins_at(self.cut.rate) <= max(whole, self._length)

    def _minutes(self, name: str) -> Iterator[int]:
        wish = minute_of(name)
        return (frame_in(wish + n, self.cut.rate) for n in range(min(DISPLACED, MINUTES) if name else 0))

    @cached_property
    def _named(self) -> Sequence[tuple[str, str]]:
        """Reel and name of the media of every shot that is made. Shots with the same bytes have one reel."""
        return [
            (artifact.digest[:8].upper(), title(instance.base, instance.take.number) + artifact.path.suffix)
            for instance in self.now.graph.instances.values()
            for artifact in leaves(self.now.outputs.get(instance.address), Artifact)
        ]
