"""The markers of an edit: where its shots begin, what people said about them, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import Final

from callsheet.runtime.export.cut import EditClip, EditCut, Marker

SHOT: Final = "BLUE"
NOWHERE: Final = 0
"""The number that no clip has."""
GATES: Final = {"approved": "GREEN", "rejected": "RED"}
"""Colours of gates, by what a person said."""
WEIGHT: Final = ("note", "gate", "shot")
"""The kinds, the one first whose colour is shown where several are at one frame."""


def markers(cut: EditCut, notes: Sequence[Marker] = ()) -> tuple[Marker, ...]:
    """A marker for each shot, one for each that a person approved or rejected, and `notes`, in order.

    notes: markers of the kind *note*, at frames of the film.
    """
    own = (marker for clip in cut.clips for marker in _of_clip(clip))
    return tuple(sorted((*own, *notes), key=lambda marker: (marker.at, WEIGHT.index(marker.kind))))


def _of_clip(clip: EditClip) -> Iterator[Marker]:
    origin, number = clip.origin, clip.number
    title = origin.address or clip.name
    yield Marker(clip.at, title, origin.prompt, SHOT, address=origin.address, clip=number)
    if said := origin.decision:
        yield Marker(clip.at, said, title, GATES[said], kind="gate", address=origin.address, clip=number)


def of_clips(cut: EditCut) -> Mapping[int, list[Marker]]:
    """Number of the clip → its markers; those that belong to none are with the first clip that is there, or
    under NOWHERE."""
    found: dict[int, list[Marker]] = {}
    for marker in cut.markers:
        there = (clip.number for clip in cut.clips if clip.at <= marker.at < clip.end)
        found.setdefault(marker.clip or next(there, NOWHERE), []).append(marker)
    return found


def merged(found: Iterable[Marker]) -> Iterator[Marker]:
    """One marker for all that begin at one frame, for programs that drop others: it has the colour of the
    weightiest, the longest range, and every text."""
    for _, group in groupby(found, key=lambda marker: marker.at):
        several = sorted(group, key=lambda marker: WEIGHT.index(marker.kind))
        first, shot = several[0], several[-1]
        if len(several) == 1:
            yield first
            continue
        lines = [part for m in several[:-1] for part in (m.name, m.text) if part and part != shot.name]
        text = "\n".join(dict.fromkeys((*lines, shot.text))).strip()
        frames = max(marker.frames for marker in several)
        yield replace(shot, text=text, frames=frames, color=first.color, kind=first.kind)
