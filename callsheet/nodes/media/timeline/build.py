"""Builds timelines and their parts: clips in a row, one clip alone, and the source of a clip."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from itertools import pairwise

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import Size, even, of_image
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.probe import identify
from callsheet.nodes.media.timeline.model import Cut, Still, Timeline, Track, frame_at
from callsheet.spec.media import Artifact

Places = Sequence[Fraction]
"""The beginning of each clip in the film, and the end of the last, in seconds."""


def source_of(artifact: Artifact) -> Clip | Still:
    """What a video or an image shows in a film. Raises NodeError (*local*)."""
    if identify(artifact.path) == "video":
        return film.clip(artifact)
    return Still(of_image(still.load(artifact.path)), artifact.digest)


def length_of(clip: Clip, rate: Fraction) -> Fraction:
    """Seconds of a clip in a film of this rate: counted in pictures where it has that rate."""
    return clip.count / rate if clip.regular and clip.rate == rate else clip.seconds


def in_a_row(lengths: Sequence[Fraction], overlap: Fraction = Fraction(0)) -> Places:
    """Places of clips of these lengths, each but the first beginning `overlap` before the end of the one
    before."""
    places = [Fraction(0)]
    for length in lengths[:-1]:
        places.append(places[-1] + length - overlap)
    return [*places, places[-1] + lengths[-1]]


def cuts_at(
    clips: Sequence[Clip], places: Places, rate: Fraction, starts: Sequence[Fraction], enter: int = 0
) -> tuple[Cut, ...]:
    """One cut for each clip, each place rounded to the grid by itself, so that nothing adds up.

    starts: seconds left out at the beginning of each. enter: frames in which each but the first comes in.
    """
    grid = [frame_at(place, rate) for place in places]
    found = []
    for i, clip in enumerate(clips):
        last = i == len(clips) - 1
        end = max(grid[i] + 1, grid[i + 1]) if last else grid[i + 1] + enter
        found.append(Cut(clip, grid[i], max(1, end - grid[i]), starts[i], enter=enter if i else 0))
    return tuple(found)


def alone(clip: Clip, frames: int, start: Fraction = Fraction(0), speed: Fraction = Fraction(1)) -> Timeline:
    """A film of a part of one clip, in its own size and rate."""
    size: Size = (even(clip.size[0]), even(clip.size[1]))
    return Timeline(size, clip.rate, frames, (Track((Cut(clip, 0, frames, start, speed),)),))


def rising(address: str, places: Places, rate: Fraction) -> None:
    """Raises NodeError (*local*) where a clip would begin in the same frame as the one before, or earlier."""
    for i, (place, following) in enumerate(pairwise(places[:-1]), 1):
        if frame_at(following, rate) <= frame_at(place, rate):
            raise NodeError(
                f"{address}: video {i + 1} would begin at {float(following):g} s, "
                f"video {i} at {float(place):g} s",
                "local",
                f"begin each at least one frame ({float(1 / rate):.3f} s) after the one before",
            )
