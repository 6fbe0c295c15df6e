"""Encodes pictures and sound as a film, the last step of most operations."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import TYPE_CHECKING, Final, Protocol, TypeVar

from callsheet.errors import NodeError
from callsheet.nodes.media import parameters as asked
from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.codec.frames import Planes, Size, even, rounded_even
from callsheet.nodes.media.codec.reader import Clip, look
from callsheet.nodes.media.codec.scale import feasible
from callsheet.nodes.media.codec.timing import rate_of
from callsheet.nodes.media.codec.writer import VideoWriter
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made

if TYPE_CHECKING:
    from av import AudioFrame

T = TypeVar("T")

RATE_OF_STILLS: Final = Fraction(24)
"""Frames per second of a film of images alone."""


def write(
    job: Job,
    pictures: Iterable[Planes],
    count: int,
    size: Size,
    rate: Fraction,
    heard: Iterable[AudioFrame] | None = None,
) -> Made:
    """Encode `count` pictures of `size` at `rate`, and what is heard under them, as film.mp4.

    Reports progress; raises NodeError (*local*) when the run is being stopped.
    """
    path = job.workdir / "film.mp4"
    under = sound.numbered(heard) if heard is not None else None
    with VideoWriter(path, feasible(size, job.address), rate, under) as writer:
        for picture in watched(job, pictures, count):
            writer.write(picture)
    return Made("video", path)


def watched(job: Job, items: Iterable[T], count: int) -> Iterator[T]:
    """Go through items: report progress after each, and check before each whether to stop."""
    for done, item in enumerate(items, 1):
        stop_if_asked(job)
        yield item
        job.progress(min(1.0, done / max(1, count)))


def stop_if_asked(job: Job) -> None:
    """Raises NodeError (*local*) when the run is being stopped."""
    if job.cancelled():
        raise NodeError(f"{job.address} was stopped", "local", "run again to make it")


def heard_of(
    clip: Clip, seconds: Fraction | None = None, start: Fraction = Fraction(0)
) -> Iterator[AudioFrame]:
    """The sound of a clip, exactly `seconds` long (its picture's length if None), or silence."""
    length = clip.seconds - start if seconds is None else seconds
    if not clip.sound:
        return sound.silence(length)
    return sound.exactly(sound.of_file(clip.path, clip.start), length, start)


def clip(artifact: Artifact) -> Clip:
    """The clip in a media value. Raises NodeError (*local*)."""
    return replace(look(artifact.path, artifact.digest), shots=artifact.shots)


def clips(job: Job, name: str) -> list[Clip]:
    """The clips of a parameter. Raises NodeError (*local*) when there is none."""
    asked.some_files(job, name)
    return [clip(artifact) for artifact in asked.artifacts(job, name)]


class Sized(Protocol):
    """What has a size in pixels."""

    @property
    def size(self) -> Size: ...


def common_size(job: Job, clips: Sequence[Sized]) -> Size:
    """The size that `width` and `height` ask for; a missing one follows from the first clip."""
    width, height = asked.whole(job, "width"), asked.whole(job, "height")
    own = clips[0].size
    if width and height:
        return even(width), even(height)
    if width:
        return even(width), rounded_even(width * own[1] / own[0])
    if height:
        return rounded_even(height * own[0] / own[1]), even(height)
    return even(own[0]), even(own[1])


def common_rate(job: Job, clips: Sequence[Clip]) -> Fraction:
    """Frames per second: what `fps` asks for, else those of the first clip, else 24 for images alone."""
    fps = asked.maybe_number(job, "fps")
    if fps:
        return rate_of(fps)
    return clips[0].rate if clips else RATE_OF_STILLS
