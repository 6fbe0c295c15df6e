"""A film as tracks of cuts. Positions are whole frames of the film; lengths follow from them, so nothing
drifts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from math import floor
from pathlib import Path

from callsheet.nodes.media.codec.audio import RATE
from callsheet.nodes.media.codec.frames import BLACK, Color, Planes, Size
from callsheet.nodes.media.codec.plate import Plate
from callsheet.nodes.media.codec.reader import Clip
from callsheet.nodes.media.codec.transition_names import DISSOLVE
from callsheet.spec.media import Shot


@dataclass(frozen=True, slots=True)
class Still:
    """A picture that is shown like a clip. digest: of its file, "" where it is not known."""

    planes: Planes
    digest: str = ""

    @property
    def size(self) -> Size:
        """Width and height in pixels."""
        return self.planes[0].size


@dataclass(frozen=True, slots=True)
class Cut:
    """One clip on a track.

    at: its first frame in the film. frames: how many. start: seconds of the clip before its first picture
    here. speed: how many times as fast it runs. enter: frames at its beginning in which it comes in over the
    end of the cut before. transition: how, by its name. fade_in, fade_out: frames from black and to black.
    crop: the part of its picture that is shown, in even pixels, None for all. gain: of its sound, in dB.
    heard: whether its sound counts. A clip that is too short holds its last picture.
    """

    clip: Clip | Still
    at: int
    frames: int
    start: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    enter: int = 0
    transition: str = DISSOLVE
    fade_in: int = 0
    fade_out: int = 0
    crop: tuple[int, int, int, int] | None = None
    gain: float = 0.0
    heard: bool = True

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.at + self.frames


@dataclass(frozen=True, slots=True)
class Cell:
    """Where a track is shown in the picture: its left top corner and its size, in even pixels."""

    corner: tuple[int, int]
    size: Size


@dataclass(frozen=True, slots=True)
class Track:
    """Cuts in order; only the one that comes in overlaps the one before. cell: None for the whole picture,
    where it covers the tracks before it."""

    cuts: tuple[Cut, ...]
    cell: Cell | None = None


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound under a film. at, samples: where it is heard, at 48 kHz. origin: the time in the file's
    clock that counts as its beginning, in seconds. start: seconds before its first sample here. speed: as
    of a cut. rise, fall: samples in which it comes in and goes. even: whether two that overlap are heard
    at one loudness. loop: samples after which it starts again from the beginning of its file, 0 for never.
    gain: in dB."""

    path: Path
    at: int
    samples: int
    origin: Fraction = Fraction(0)
    start: Fraction = Fraction(0)
    speed: Fraction = Fraction(1)
    rise: int = 0
    fall: int = 0
    even: bool = False
    loop: int = 0
    gain: float = 0.0

    @property
    def end(self) -> int:
        """The first sample after it."""
        return self.at + self.samples


@dataclass(frozen=True, slots=True)
class Overlay:
    """What is laid over the pictures of a film: a text, a logo, a video with transparent parts.

    at: its first frame in the film. frames: how many. reel: its pictures, read when the first is shown; the
    last one is held. fade_in, fade_out: frames in which it comes and goes. Where several are there at once,
    a later one covers the earlier ones.
    """

    at: int
    frames: int
    reel: Callable[[], Iterator[Plate]]
    fade_in: int = 0
    fade_out: int = 0

    @property
    def end(self) -> int:
        """The first frame after it."""
        return self.at + self.frames

    def share(self, frame: int) -> float:
        """How much of it is there at a frame of the film, 0 to 1."""
        come = (frame - self.at + 1) / (self.fade_in + 1)
        go = (self.end - frame) / (self.fade_out + 1)
        return min(1.0, come, go)


@dataclass(frozen=True, slots=True)
class Timeline:
    """A film. size: even pixels. rate: frames per second. frames: how many. mode: how a clip of another
    shape is fitted. behind: the colour beside it, as Y, U, V. sounds: besides those of the cuts. board:
    what is behind the tracks, black if None. finish: changes each picture of the film, given its number.
    overlays: over all of it."""

    size: Size
    rate: Fraction
    frames: int
    tracks: tuple[Track, ...]
    sounds: tuple[Sound, ...] = ()
    mode: str = "pad"
    behind: Color = BLACK
    board: Planes | None = None
    finish: Callable[[int, Planes], Planes] | None = None
    overlays: tuple[Overlay, ...] = ()

    def sample(self, frame: int) -> int:
        """The sample at which a frame begins."""
        return sample_at(frame, self.rate)

    @property
    def samples(self) -> int:
        """Length of the sound in samples at 48 kHz."""
        return self.sample(self.frames)

    def cuts(self) -> Iterator[Cut]:
        """The cuts of all tracks."""
        for track in self.tracks:
            yield from track.cuts

    def shots(self) -> tuple[Shot, ...]:
        """Where each clip is in the film, in order; a clip without a digest is left out."""
        cuts = sorted((cut for cut in self.cuts() if cut.clip.digest), key=lambda cut: cut.at)
        return tuple(shot for cut in cuts for shot in self._shots_of(cut) if shot.frames > 0)

    def _shots_of(self, cut: Cut) -> Iterator[Shot]:
        """The shot of a cut, or those of the film that its clip is."""
        inner = cut.clip.shots if isinstance(cut.clip, Clip) else ()
        if not inner:
            yield self._shot(cut.clip.digest, cut.at, cut.end, (cut.start, cut.speed))
        for shot in inner:
            assert isinstance(cut.clip, Clip)
            first, end = (
                cut.at + round((place / cut.clip.rate - cut.start) / cut.speed * self.rate)
                for place in (shot.frame, shot.frame + shot.frames)
            )
            seen, speed = max(first, cut.at), cut.speed * Fraction(shot.speed).limit_denominator(10**6)
            start = Fraction(shot.start) + (seen - first) / self.rate * speed
            yield self._shot(shot.source, seen, min(end, cut.end), (start, speed))

    def _shot(self, source: str, first: int, end: int, run: tuple[Fraction, Fraction]) -> Shot:
        """The shot from frame `first` up to `end`. run: seconds of the clip before it, and its speed."""
        end = min(end, self.frames)
        sample = self.sample(first)
        samples = self.sample(end) - sample
        start, speed = (round(float(value), 6) for value in run)
        return Shot(source, first, end - first, sample, samples, start, speed)


def frame_at(seconds: Fraction, rate: Fraction) -> int:
    """The frame nearest to a time; between two, the later one."""
    return floor(seconds * rate + Fraction(1, 2))


def sample_at(frame: int, rate: Fraction) -> int:
    """The sample at 48 kHz at which a frame begins."""
    return round(frame * RATE / rate)


@dataclass(frozen=True, slots=True)
class Layer:
    """A part of a cut that is seen. offset: frames of the cut before it. track: the number of its track, of
    which cell is that of."""

    cut: Cut
    offset: int
    track: int
    cell: Cell | None


@dataclass(frozen=True, slots=True)
class Stretch:
    """Frames of a film in which the same layers are seen, those behind first. Of two on one track the
    later one comes in over the other."""

    first: int
    frames: int
    layers: tuple[Layer, ...]


def stretches(timeline: Timeline) -> list[Stretch]:
    """The film from cut to cut."""
    edges = {0, timeline.frames}
    for cut in timeline.cuts():
        edges |= {cut.at, cut.at + cut.enter, cut.end}
    places = sorted(edge for edge in edges if 0 <= edge <= timeline.frames)
    return [
        Stretch(first, end - first, tuple(_seen(timeline.tracks, first))) for first, end in pairwise(places)
    ]


def _seen(tracks: Sequence[Track], frame: int) -> list[Layer]:
    """The layers at a frame. What a whole picture covers is left out."""
    found: list[Layer] = []
    for i, track in enumerate(tracks):
        seen = [cut for cut in track.cuts if cut.at <= frame < cut.end]
        layers = [Layer(cut, frame - cut.at, i, track.cell) for cut in seen]
        if layers and track.cell is None:
            found = []
        found += layers
    return found
