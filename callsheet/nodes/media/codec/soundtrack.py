"""Mixes the sound of a film from its own sound, a voice and music."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec import audio as sound

if TYPE_CHECKING:
    from av import AudioFrame
    from av.filter import FilterContext, Graph

DUCK: Final = "threshold=0.02:ratio=9:attack=40:release=600"
LIMIT: Final = ("alimiter", "limit=0.95:level=0:latency=1")
SHORTEST_LOOP: Final = 0.05


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the voice: its start and its length in seconds."""

    path: Path
    at: float
    seconds: float


@dataclass(frozen=True, slots=True)
class Music:
    """volume: dB. fade_out: seconds. ducking: whether it gets quieter under the voice."""

    path: Path
    volume: float
    loop: bool
    fade_out: float
    ducking: bool


def mixed(
    seconds: Fraction,
    own: Iterator[AudioFrame] | None = None,
    voice: Iterator[AudioFrame] | None = None,
    music: Music | None = None,
) -> Iterator[AudioFrame] | None:
    """The mixed sound, exactly `seconds` long and never clipped; None without any sound."""
    tracks = [sound.exactly(track, seconds) for track in (own, voice) if track is not None]
    if music and voice and music.ducking:
        tracks[-1] = sound.woven([tracks[-1], bed(music, seconds)], _ducked)
    elif music:
        tracks.append(bed(music, seconds))
    if not tracks:
        return None
    return sound.exactly(sound.through(sound.mixed(tracks), LIMIT), seconds)


def spoken(lines: Sequence[Line], volume: float) -> Iterator[AudioFrame]:
    """The lines at their places; lines that overlap are heard together."""
    placed = [_delayed(line) for line in lines]
    return louder(sound.mixed(placed), volume)


def louder(frames: Iterable[AudioFrame], decibels: float) -> Iterator[AudioFrame]:
    """Changed by so many decibels."""
    return sound.through(frames, ("volume", f"{decibels:g}dB")) if decibels else iter(frames)


def _delayed(line: Line) -> Iterator[AudioFrame]:
    yield from sound.silence(line.at)
    yield from sound.of_file(line.path)


def bed(music: Music, seconds: Fraction, voice: Iterator[AudioFrame] | None = None) -> Iterator[AudioFrame]:
    """The music as long as the film, faded out at its end. voice: for which it steps back."""
    alone = _faded(music, seconds)
    return sound.woven([sound.exactly(voice, seconds), alone], _stepped_back) if voice else alone


def _faded(music: Music, seconds: Fraction) -> Iterator[AudioFrame]:
    frames = _again_and_again(music.path) if music.loop else sound.of_file(music.path)
    whole = louder(sound.exactly(frames, seconds), music.volume)
    fade = min(music.fade_out, float(seconds))
    if not fade:
        return whole
    return sound.through(whole, ("afade", f"t=out:st={float(seconds) - fade:.6f}:d={fade:.6f}"))


def _again_and_again(path: Path) -> Iterator[AudioFrame]:
    while True:
        samples = 0
        for frame in sound.of_file(path):
            samples += frame.samples
            yield frame
        if samples < sound.samples(SHORTEST_LOOP):
            raise NodeError(f"{path.name} is too short to be repeated", "local", "pass longer music")


def _stepped_back(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
    """The music alone, compressed by the voice."""
    voice, music = sources
    duck = graph.add("sidechaincompress", DUCK)
    music.link_to(duck, 0, 0)
    voice.link_to(duck, 0, 1)
    return duck


def _ducked(graph: Graph, sources: Sequence[FilterContext]) -> FilterContext:
    """Voice and music together, the music compressed by the voice."""
    voice, music = sources
    both = graph.add("asplit", "2")
    voice.link_to(both)
    duck = graph.add("sidechaincompress", DUCK)
    music.link_to(duck, 0, 0)
    both.link_to(duck, 0, 1)
    end = graph.add("amix", "inputs=2:normalize=0:dropout_transition=0")
    both.link_to(end, 1, 0)
    duck.link_to(end, 0, 1)
    return end
