"""Renders a timeline: stored pictures are copied where they fit together, else each stretch becomes a part.

A part is a stretch, encoded in the form of the film. It is kept under a description of what it is made of, so
that a later film with the same stretch uses it again: after one clip has changed, one clip is encoded. The
sound is always encoded once, for the whole film.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import remux
from callsheet.nodes.media.codec.ffmpeg import MAX_SECONDS, opened
from callsheet.nodes.media.codec.frames import Planes
from callsheet.nodes.media.codec.reader import Clip, look
from callsheet.nodes.media.codec.remux import Piece, fit_together, joined, with_sound_of
from callsheet.nodes.media.codec.scale import feasible
from callsheet.nodes.media.codec.timing import read_timing
from callsheet.nodes.media.codec.transition_names import DISSOLVE
from callsheet.nodes.media.codec.writer import VideoWriter, made_by
from callsheet.nodes.media.timeline.build import alone
from callsheet.nodes.media.timeline.copied import as_it_is, split_at_keys
from callsheet.nodes.media.timeline.model import Cut, Layer, Stretch, Timeline, stretches
from callsheet.nodes.media.timeline.over import laid_over
from callsheet.nodes.media.timeline.partly import form_of_parts, partly_encoded
from callsheet.nodes.media.timeline.picture import drawn
from callsheet.nodes.media.timeline.sound import heard
from callsheet.nodes.media.timeline.whole import copied_sound
from callsheet.spec.node import Job, Made, Make

if TYPE_CHECKING:
    from av import AudioFrame

SHARE_OF_PARTS = 0.9
"""Share of the progress of a film that its parts take; the rest is for joining them."""
PART_VERSION = 1
"""Is increased when the same stretch is drawn differently, so that kept parts are made again."""


def render(job: Job, timeline: Timeline) -> Made:
    """The film, with its shots. Raises NodeError (*local*)."""
    feasible(timeline.size, job.address)
    if timeline.frames / timeline.rate > MAX_SECONDS:
        hours = float(timeline.frames / timeline.rate / 3600)
        raise NodeError(
            f"{job.address}: the film would last {hours:,.1f} hours; at most {MAX_SECONDS // 3600} are made",
            "local",
            "let its last clip begin earlier, or make it in parts",
        )
    if timeline.finish or timeline.overlays:
        return _with_sound_kept(job, timeline)
    found = stretches(timeline)
    pieces: Sequence[Piece | None] = [as_it_is(timeline, stretch) for stretch in found]
    begun = 0.0
    if not fit_together(pieces, timeline.rate):
        if len(found) == 1:
            return encoded(job, timeline, heard(timeline))
        found = list(split_at_keys(job, timeline, found))
        pieces = [as_it_is(timeline, stretch) for stretch in found]
        pieces, begun = _parts(job, timeline, found, pieces), SHARE_OF_PARTS
    if fit_together(pieces, timeline.rate):
        path = joined(job, pieces, timeline.rate, heard(timeline), begun)
        if _is_whole(path, timeline):
            return Made("video", path, timeline.shots())
    return encoded(job, timeline, heard(timeline))


def _with_sound_kept(job: Job, timeline: Timeline) -> Made:
    """The film of a timeline whose pictures change; the sound of a whole clip is copied."""
    kept = copied_sound(timeline)
    path = partly_encoded(job, timeline, None if kept else heard(timeline))
    if path and _is_whole(path, timeline):
        made = Made("video", path, timeline.shots())
    else:
        made = encoded(job, timeline, None if kept else heard(timeline))
    return replace(made, path=with_sound_of(job, made.path, kept)) if kept else made


def encoded(job: Job, timeline: Timeline, sound: Iterable[AudioFrame] | None) -> Made:
    """The film encoded from beginning to end, with this sound."""
    reel = (picture for stretch in stretches(timeline) for picture in drawn(timeline, stretch))
    if finish := timeline.finish:
        reel = (finish(number, picture) for number, picture in enumerate(reel))
    over = laid_over(reel, timeline.overlays)
    made = film.write(job, over, timeline.frames, timeline.size, timeline.rate, sound)
    return replace(made, shots=timeline.shots())


def with_sound(job: Job, clip: Clip, sound: Iterable[AudioFrame] | None) -> Made:
    """The pictures of a clip with this sound instead of its own: copied where an MP4 can hold them as they
    are, else encoded."""
    whole = alone(clip, clip.frames())
    if clip.form:
        return replace(remux.with_sound(job, clip, sound), shots=whole.shots())
    return encoded(job, whole, sound)


def _is_whole(path: Path, timeline: Timeline) -> bool:
    """Whether a joined file has every picture at its place."""
    with opened(path) as container:
        timing = read_timing(container, container.streams.video[0])
    return len(timing.times) == timeline.frames and not timing.start and timing.is_even(timeline.rate)


def _parts(
    job: Job, timeline: Timeline, found: Sequence[Stretch], pieces: Sequence[Piece | None]
) -> list[Piece | None]:
    """Each stretch as a part, all side by side; one that has the form of parts already stays as it is."""
    from concurrent.futures import ThreadPoolExecutor  # slow to import, and not needed to check a film

    counter, form, made = _Counter(job, timeline.frames), form_of_parts(job, timeline), list(pieces)
    forms = [piece.clip.form if piece and fit_together([piece], timeline.rate) else () for piece in pieces]
    first = forms.index(()) if () in forms else 0
    left = [i for i, own in enumerate(forms) if own != form or i == first]
    job.ahead(lambda: _parts_ahead(counter, timeline, [found[i] for i in left]))
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        try:
            done = pool.map(lambda i: _part(counter, timeline, found[i]), left)
            for i, piece in zip(left, done, strict=True):
                made[i] = piece
        except BaseException:
            counter.over = True
            raise
    return made


def _parts_ahead(
    counter: _Counter, timeline: Timeline, wanted: Sequence[Stretch]
) -> list[tuple[dict[str, object], Make]]:
    """What parts will be made of, and how."""
    return [
        (what, _make(counter, timeline, stretch))
        for stretch in wanted
        if (what := _described(timeline, stretch)) is not None
    ]


def _make(counter: _Counter, timeline: Timeline, stretch: Stretch) -> Make:
    """Writes a stretch in the form of the film."""

    def make(path: Path) -> None:
        with VideoWriter(path, timeline.size, timeline.rate) as writer:
            for picture in counter.watched(drawn(timeline, stretch)):
                writer.write(picture)

    return make


def _part(counter: _Counter, timeline: Timeline, stretch: Stretch) -> Piece:
    """A stretch in the form of the film, made now or kept from an earlier job."""
    job, make = counter.job, _make(counter, timeline, stretch)
    what = _described(timeline, stretch)
    if job.parts is not None and what is not None:
        path = job.parts(what, make)
    else:
        path = job.workdir / f"part-{stretch.first}.mp4"
        make(path)
    return Piece(look(path), stretch.frames)


def _described(timeline: Timeline, stretch: Stretch) -> dict[str, object] | None:
    """What a part is made of, as JSON; None where a file has no digest."""
    if timeline.board or not all(layer.cut.clip.digest for layer in stretch.layers):
        return None
    return {
        "version": PART_VERSION,
        "form": [*timeline.size, str(timeline.rate), timeline.mode, made_by()],
        "frames": stretch.frames,
        "layers": [_layer(layer) for layer in stretch.layers],
    }


def _layer(layer: Layer) -> dict[str, object]:
    """A layer without its place in the film, which changes no picture."""
    cut: Cut = layer.cut
    found: dict[str, object] = {
        "of": cut.clip.digest,
        "start": str(cut.start),
        "speed": str(cut.speed),
        "offset": layer.offset,
    }
    if cut.enter or cut.fade_in or cut.fade_out:
        found |= {"enter": cut.enter, "fades": [cut.fade_in, cut.fade_out], "frames": cut.frames}
    if layer.offset < cut.enter and cut.transition != DISSOLVE:
        found["transition"] = cut.transition
    if cut.crop:
        found["crop"] = cut.crop
    if layer.cell:
        found["cell"] = [*layer.cell.corner, *layer.cell.size]
    return found


@dataclass(slots=True)
class _Counter:
    """Counts the pictures that several threads have made, and stops them when one fails."""

    job: Job
    total: int
    done: int = 0
    over: bool = False
    lock: Lock = field(default_factory=Lock)

    def watched(self, pictures: Iterator[Planes]) -> Iterator[Planes]:
        for picture in pictures:
            film.stop_if_asked(self.job)
            if self.over:
                raise NodeError("another part of the film failed", "local")
            yield picture
            with self.lock:
                self.done += 1
                self.job.progress(SHARE_OF_PARTS * min(1.0, self.done / self.total))
