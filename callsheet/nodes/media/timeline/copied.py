"""Which stretches of a film are packets of a clip, to be copied as they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.remux import Piece, key_pictures
from callsheet.nodes.media.timeline.model import Still, Stretch, Timeline
from callsheet.nodes.media.timeline.partly import form_of_parts
from callsheet.spec.node import Job


def as_it_is(timeline: Timeline, stretch: Stretch) -> Piece | None:
    """The packets that show a stretch, where it is one clip from a key picture on, unchanged."""
    clip, first = _shown(timeline, stretch)
    if clip is None or (first and (first + stretch.frames > clip.count or first not in key_pictures(clip))):
        return None
    return Piece(clip, stretch.frames, first)


def split_at_keys(job: Job, timeline: Timeline, found: Sequence[Stretch]) -> Iterator[Stretch]:
    """The stretches; one that begins inside of a clip that an operation made ends at its next key picture,
    from which on the clip can be copied. Raises NodeError (*local*)."""
    form: tuple[object, ...] = ()
    for stretch in found:
        clip, first = _shown(timeline, stretch)
        if clip is None or not first or clip.lag or not (clip.form and clip.regular):
            yield stretch
            continue
        form = form or form_of_parts(job, timeline)
        key = next((key for key in key_pictures(clip) if key >= first), clip.count)
        if clip.form != form or not 0 < key - first < stretch.frames:
            yield stretch
            continue
        (layer,) = stretch.layers
        count = key - first
        yield replace(stretch, frames=count)
        rest = replace(layer, offset=layer.offset + count)
        yield Stretch(stretch.first + count, stretch.frames - count, (rest,))


def _shown(timeline: Timeline, stretch: Stretch) -> tuple[Clip | None, int]:
    """The clip whose pictures a stretch shows unchanged, and the number of the first of them; None where
    there is no such clip."""
    if len(stretch.layers) != 1:
        return None, 0
    (layer,) = stretch.layers
    cut, clip = layer.cut, layer.cut.clip
    if isinstance(clip, Still) or clip.size != timeline.size or layer.cell:
        return None, 0
    first = cut.start * timeline.rate + layer.offset
    changed = cut.speed != 1 or cut.fade_in or cut.fade_out or cut.crop
    off_grid = first and (clip.rate != timeline.rate or first.denominator != 1)
    return (None, 0) if changed or off_grid else (clip, int(first))
