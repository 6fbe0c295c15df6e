"""Builds timelines and their parts: clips in a row or alone, the source of a clip, what is over a film."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from fractions import Fraction
from itertools import pairwise

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import encode as film
from callsheet.nodes.media.codec import still
from callsheet.nodes.media.codec.frames import Size, even, of_image
from callsheet.nodes.media.codec.plate import Plate
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.transition_names import DISSOLVE
from callsheet.nodes.media.probe import identify
from callsheet.nodes.media.timeline.model import Cut, Overlay, Still, Timeline, Track, frame_at
from callsheet.spec.media import Artifact

USUAL = Fraction(1)
"""Seconds of a transition of which only the kind is known."""
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
    clips: Sequence[Clip],
    places: Places,
    rate: Fraction,
    starts: Sequence[Fraction],
    enter: int = 0,
    transition: str = DISSOLVE,
) -> tuple[Cut, ...]:
    """One cut for each clip, each place rounded to the grid by itself, so that nothing adds up.

    starts: seconds left out at the beginning of each. enter: frames in which each but the first comes in.
    transition: how.
    """
    grid = [frame_at(place, rate) for place in places]
    found = []
    for i, clip in enumerate(clips):
        last = i == len(clips) - 1
        end = max(grid[i] + 1, grid[i + 1]) if last else grid[i + 1] + enter
        cut = Cut(clip, grid[i], max(1, end - grid[i]), starts[i])
        found.append(replace(cut, enter=enter, transition=transition) if i else cut)
    return tuple(found)


def coming_in(given: object) -> tuple[str, Fraction]:
    """How a clip comes in over the one before, and in how many seconds: from a kind, seconds, or both."""
    if isinstance(given, str):
        return given, USUAL
    if isinstance(given, Mapping):
        seconds = given.get("seconds")
        return str(given.get("kind", DISSOLVE)), USUAL if seconds is None else _exact(seconds)
    return DISSOLVE, _exact(given)


def _exact(seconds: object) -> Fraction:
    return Fraction(seconds).limit_denominator(10**9) if isinstance(seconds, int | float) else Fraction(0)


def faded(cuts: tuple[Cut, ...], rise: int, fall: int) -> tuple[Cut, ...]:
    """The cuts, the first from black in `rise` frames, the last to black in `fall`, each as far as it is
    long."""
    found = [*cuts]
    found[0] = replace(found[0], fade_in=min(rise, found[0].frames))
    found[-1] = replace(found[-1], fade_out=min(fall, found[-1].frames))
    return tuple(found)


def alone(clip: Clip, frames: int, start: Fraction = Fraction(0), speed: Fraction = Fraction(1)) -> Timeline:
    """A film of a part of one clip, in its own size and rate."""
    size: Size = (even(clip.size[0]), even(clip.size[1]))
    return Timeline(size, clip.rate, frames, (Track((Cut(clip, 0, frames, start, speed),)),))


def span(address: str, whole: Timeline, at: float | None, until: float | None) -> tuple[int, int]:
    """The first frame of what is over a film from `at` to `until`, in seconds, and the one after its last;
    from its beginning and to its end if None. Raises NodeError (*local*) when nothing of it would be seen."""
    first, end = (
        default if seconds is None else frame_at(Fraction(seconds).limit_denominator(10**6), whole.rate)
        for seconds, default in ((at, 0), (until, whole.frames))
    )
    seconds = float(whole.frames / whole.rate)
    if min(end, whole.frames) <= first:
        late = f"and the film is {seconds:g} s long" if first >= whole.frames else f"and end at {until:g} s"
        raise NodeError(
            f"{address} would begin at {at or 0:g} s, {late}",
            "local",
            "let it begin before its `end` and before the end of the film",
        )
    return first, min(end, whole.frames)


def over(span: tuple[int, int], reel: Callable[[], Iterator[Plate]], fade: float, rate: Fraction) -> Overlay:
    """What is laid over the frames of a span. fade: seconds in which it comes and goes, each at most half."""
    first, end = span
    frames = min(frame_at(Fraction(fade).limit_denominator(1000), rate), (end - first) // 2)
    return Overlay(first, end - first, reel, frames, frames)


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
