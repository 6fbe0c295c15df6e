"""Encodes a film anew only where something is over it; its other pictures are copied as they are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import groupby, pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec.frames import filled
from callsheet.nodes.media.codec.reader import Clip, look, pictures
from callsheet.nodes.media.codec.remux import Piece, fit_together, joined, key_pictures
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.nodes.media.timeline.model import Timeline
from callsheet.nodes.media.timeline.over import laid_over
from callsheet.nodes.media.timeline.whole import whole_clip
from callsheet.spec.node import Job

if TYPE_CHECKING:
    from av import AudioFrame


@dataclass(frozen=True, slots=True)
class Span:
    """Pictures from `first` up to `end`, which is not in it. under: whether something is over them."""

    first: int
    end: int
    under: bool


def partly_encoded(job: Job, timeline: Timeline, sound: Iterable[AudioFrame] | None) -> Path | None:
    """The film of a timeline with overlays, with this sound; None where none of its pictures can be copied.

    They can where it is one whole clip that an operation has made, between key pictures with nothing over
    them. Raises NodeError (*local*).
    """
    clip = whole_clip(timeline)
    if clip is None or clip.lag or timeline.finish:
        return None
    spans = list(_spans(timeline, key_pictures(clip)))
    if all(span.under for span in spans) or clip.form != form_of_parts(job, timeline):
        return None
    pieces, done = [], 0.0
    for span in spans:
        count = span.end - span.first
        if span.under:
            share = count / timeline.frames
            pieces.append(_encoded(_part_of(job, done, share), timeline, clip, span))
            done += share
        else:
            pieces.append(Piece(clip, count, span.first))
    if not fit_together(pieces, timeline.rate):
        return None
    return joined(job, pieces, timeline.rate, sound, done)


def _spans(timeline: Timeline, keys: list[int]) -> Iterator[Span]:
    """The film in spans from key picture to key picture, with something over them and without in turn."""

    def is_under(stretch: tuple[int, int]) -> bool:
        return any(overlay.at < stretch[1] and overlay.end > stretch[0] for overlay in timeline.overlays)

    for under, group in groupby(pairwise([*keys, timeline.frames]), key=is_under):
        found = list(group)
        yield Span(found[0][0], found[-1][1], under)


def form_of_parts(job: Job, timeline: Timeline) -> tuple[object, ...]:
    """The form of what is encoded here, by a film of one black picture."""
    path = job.workdir / "black.mp4"
    with VideoWriter(path, timeline.size, timeline.rate) as writer:
        writer.write(filled(timeline.size))
    return look(path).form


def _encoded(job: Job, timeline: Timeline, clip: Clip, span: Span) -> Piece:
    count = span.end - span.first
    reel = pictures(clip, timeline.rate, Fraction(span.first) / timeline.rate, count)
    overlays = [
        replace(overlay, at=overlay.at - span.first)
        for overlay in timeline.overlays
        if span.first <= overlay.at < span.end
    ]
    path = job.workdir / f"part-{span.first}.mp4"
    with VideoWriter(path, timeline.size, timeline.rate) as writer:
        for picture in film.watched(job, laid_over(reel, overlays), count):
            writer.write(picture)
    return Piece(look(path), count)


def _part_of(job: Job, begun: float, share: float) -> Job:
    """The same job, with the progress of a part of it."""
    return replace(job, progress=lambda done: job.progress(begun + share * done))
