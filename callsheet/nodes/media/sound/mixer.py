"""Mixes tracks: each at its place, some stepping back while others sound, all below a peak."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING, Final

from callsheet.nodes.media.codec import audio as sound
from callsheet.nodes.media.sound.gain import Move, along, moved
from callsheet.nodes.media.sound.levels import Span, power, spans
from callsheet.nodes.media.sound.limiter import limited
from callsheet.nodes.media.sound.room_tone import RoomTone, under
from callsheet.nodes.media.timeline.model import Sound
from callsheet.nodes.media.timeline.sound import Placed, laid, placed

if TYPE_CHECKING:
    from av import AudioFrame

VOICES: Final = (("highpass", "f=120"), ("lowpass", "f=6000"))
"""What is listened to where a track steps back for another: rumble and hiss do not count."""
SHORTEST: Final = 3
"""Steps of 10 ms that a sound lasts at least to count."""
HOLD: Final = 0.2
"""Seconds that a track stays back after the other one has ended."""


@dataclass(frozen=True, slots=True)
class Ducking:
    """How a track steps back. under: the names of the tracks for which it does. depth: dB. attack, release:
    seconds in which it goes and comes back. threshold: dB of mean level above which the others count."""

    under: tuple[str, ...]
    depth: float
    attack: float
    release: float
    threshold: float

    @property
    def move(self) -> Move:
        """The same, in samples."""
        before, hold, after = map(sound.samples, (self.attack, HOLD, self.release))
        return Move(-self.depth, before, hold, after)


@dataclass(frozen=True, slots=True)
class MixTrack:
    """One track. names: by which other tracks step back for it. pan: -1 for left, 1 for right."""

    names: tuple[str, ...]
    sound: Sound
    pan: float = 0.0
    ducking: Ducking | None = None


def mixed(
    tracks: Sequence[MixTrack], total: int, ceiling: float, tone: RoomTone | None = None
) -> Iterator[AudioFrame]:
    """The tracks together, `total` samples. ceiling: the highest true peak in dB. tone: what is heard where
    nothing else is."""
    heard = parts(tracks)
    if tone is not None:
        heard.append(under(tone, laid(heard, total), total))
    return sound.exactly(limited(laid(heard, total), ceiling), Fraction(total, sound.RATE))


def parts(tracks: Sequence[MixTrack]) -> list[Placed]:
    """Each track at its place, stepping back for the others."""
    heard: dict[tuple[str, float], list[Span]] = {}
    by_name: dict[str, list[MixTrack]] = {}
    for track in tracks:
        for name in track.names:
            by_name.setdefault(name, []).append(track)
    for track in tracks:
        for name in track.ducking.under if track.ducking else ():
            assert track.ducking is not None
            key = name, track.ducking.threshold
            if key not in heard:
                heard[key] = [span for other in by_name.get(name, ()) for span in _sounding(other, key[1])]
    return [_part(track, heard) for track in tracks]


def _sounding(track: MixTrack, threshold: float) -> Iterator[Span]:
    """Where a track sounds, before it steps back itself."""
    levels = power(placed(track.sound).frames(), *VOICES)
    return spans(levels, 10 ** (threshold / 10), SHORTEST, track.sound.at)


def _part(track: MixTrack, heard: Mapping[tuple[str, float], Sequence[Span]]) -> Placed:
    whole = placed(track.sound)
    ducking = track.ducking
    found = [s for name in ducking.under for s in heard[name, ducking.threshold]] if ducking else []
    points = moved(found, ducking.move) if ducking and found else ()

    def frames() -> Iterator[AudioFrame]:
        played = whole.frames()
        if track.pan:
            left, right = min(1.0, 1 - track.pan), min(1.0, 1 + track.pan)
            played = sound.through(played, ("pan", f"stereo|c0={left:g}*c0|c1={right:g}*c1"))
        return along(played, points, whole.at, whole.samples) if points else played

    return Placed(whole.at, whole.samples, frames)
