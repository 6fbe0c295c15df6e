"""Mixes the sound of a film to the sample: each sound at its place, opened only while it is heard."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from typing import TYPE_CHECKING

from callsheet.nodes.media.codec import audio
from callsheet.nodes.media.codec.audio_buffer import AudioBuffer
from callsheet.nodes.media.codec.tempo import stretched
from callsheet.nodes.media.timeline.model import Cut, Sound, Still, Timeline

if TYPE_CHECKING:
    from av import AudioFrame

SOFT = 240
"""Samples in which a sound comes and goes beside silence, 5 ms."""


def heard(timeline: Timeline) -> Iterator[AudioFrame] | None:
    """The sound of a film, exactly as long as its pictures; None where nothing in it sounds."""
    sounds = [*sounds_of_cuts(timeline), *timeline.sounds]
    return laid([placed(sound) for sound in sounds], timeline.samples) if sounds else None


def sounds_of_cuts(timeline: Timeline) -> Iterator[Sound]:
    """The sounds of the cuts. Two that melt into each other keep their loudness; one beside a silent cut does
    not end with a click."""
    for track in timeline.tracks:
        before = (None, *track.cuts[:-1])
        for cut, last, following in zip(track.cuts, before, (*track.cuts[1:], None), strict=True):
            leave = following.enter if following and following.at < cut.end else 0
            if (sound := _of_cut(timeline, cut, leave)) is not None:
                rise = sound.rise or (SOFT if last and not last.heard else 0)
                fall = sound.fall or (SOFT if following and not following.heard else 0)
                yield replace(sound, rise=min(rise, sound.samples), fall=min(fall, sound.samples))


def _of_cut(timeline: Timeline, cut: Cut, leave: int) -> Sound | None:
    if isinstance(cut.clip, Still) or not (cut.heard and cut.clip.sound):
        return None
    at, end = timeline.sample(cut.at), timeline.sample(min(cut.end, timeline.frames))
    melts = bool(cut.enter or leave)
    return Sound(
        path=cut.clip.path,
        at=at,
        samples=end - at,
        origin=cut.clip.start,
        start=cut.start,
        speed=cut.speed,
        rise=timeline.sample(cut.at + (cut.enter or cut.fade_in)) - at,
        fall=end - timeline.sample(min(cut.end, timeline.frames) - (leave or cut.fade_out)),
        even=melts,
        gain=cut.gain,
    )


@dataclass(frozen=True, slots=True)
class Placed:
    """A sound at its place. at, samples: at 48 kHz. frames: begins to decode it, from its first sample."""

    at: int
    samples: int
    frames: Callable[[], Iterator[AudioFrame]]

    @property
    def end(self) -> int:
        """The first sample after it."""
        return self.at + self.samples


def placed(sound: Sound) -> Placed:
    """A sound of a film at its place."""
    return Placed(sound.at, sound.samples, lambda: _prepared(sound))


def laid(sounds: Sequence[Placed], total: int) -> Iterator[AudioFrame]:
    """The sounds at their places, `total` samples; what overlaps is heard together."""
    sounds = [sound for sound in sounds if sound.samples > 0 and sound.at < total]
    edges = {0, total, *(sound.at for sound in sounds), *(sound.end for sound in sounds)}
    waiting, open_tapes = sorted(sounds, key=lambda sound: sound.at), dict[int, tuple[Placed, AudioBuffer]]()
    number = 0
    for first, end in pairwise(sorted(edge for edge in edges if edge <= total)):
        while number < len(waiting) and waiting[number].at == first:
            open_tapes[number] = waiting[number], AudioBuffer(waiting[number].frames())
            number += 1
        open_tapes = {i: one for i, one in open_tapes.items() if one[0].end > first}
        seconds = Fraction(end - first, audio.RATE)
        pieces = [tape.take(seconds) for _, tape in open_tapes.values()]
        yield from audio.mixed(pieces) if pieces else audio.silence(seconds)


def _prepared(sound: Sound) -> Iterator[AudioFrame]:
    """One sound as it is heard, exactly as long as it says."""
    seconds = Fraction(sound.samples, audio.RATE)
    frames = _again_and_again(sound) if sound.loop else audio.of_file(sound.path, sound.origin)
    if sound.speed != 1:
        part = audio.exactly(frames, seconds * sound.speed, sound.start)
        frames = audio.exactly(stretched(part, float(sound.speed)), seconds)
    else:
        frames = audio.exactly(frames, seconds, sound.start)
    if sound.gain:
        frames = audio.through(frames, ("volume", f"{sound.gain:g}dB"))
    curve = "qsin" if sound.even else "tri"
    fades = []
    if sound.rise:
        fades.append(("afade", f"t=in:ss=0:ns={sound.rise}:curve={curve}"))
    if sound.fall:
        fades.append(("afade", f"t=out:ss={sound.samples - sound.fall}:ns={sound.fall}:curve={curve}"))
    return audio.through(frames, *fades) if fades else frames


def _again_and_again(sound: Sound) -> Iterator[AudioFrame]:
    """A sound from the beginning of its file to its end, again and again."""
    while True:
        yield from audio.exactly(audio.of_file(sound.path, sound.origin), Fraction(sound.loop, audio.RATE))
