"""Sounds with known properties: ten kinds to measure loudness with, and music with known beats.

Each is made of 48 kHz samples of both channels and is the same every time.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from math import exp, pi, sin
from pathlib import Path
from random import Random
from typing import Final

from callsheet.nodes.media.codec.writer import write_sound
from callsheet.nodes.preview.tone import frames
from callsheet.spec.media import SAMPLE_RATE

SECONDS: Final = 4
COUNT: Final = SECONDS * SAMPLE_RATE
LONG: Final = 14
"""Seconds in which the beats of a piece begin."""


def written(path: Path, left: array[float], right: array[float] | None = None) -> Path:
    """A sound file with these channels; both are `left` if only one is given."""
    right = left if right is None else right
    pieces = ((left[at : at + 4096], right[at : at + 4096]) for at in range(0, len(left), 4096))
    return write_sound(path, frames(pieces))


def kinds() -> Mapping[str, Callable[[], tuple[array[float], array[float]]]]:
    """Ten kinds of sound, four seconds each, by their names."""
    both: dict[str, Callable[[], array[float]]] = {
        "tone": lambda: tone(997, 0.1),
        "bass": lambda: tone(45, 0.3),
        "hiss": lambda: _noise(0.05, smooth=0.0),
        "rumble": lambda: _noise(0.5, smooth=0.98),
        "soft room": lambda: _noise(0.003, smooth=0.7),
        "clipped": lambda: array("f", [1.0 if s > 0 else -1.0 for s in tone(220, 1.0)]),
        "drums": _drums,
        "speech": _speech,
        "soft, then loud": lambda: tone(440, 0.004)[: COUNT // 2] + tone(440, 0.4)[COUNT // 2 :],
    }
    found = {name: _twice(make) for name, make in both.items()}
    return {**found, "one side": lambda: (tone(440, 0.2), silence(SECONDS))}


def _twice(make: Callable[[], array[float]]) -> Callable[[], tuple[array[float], array[float]]]:
    def channels() -> tuple[array[float], array[float]]:
        channel = make()
        return channel, channel

    return channels


def silence(seconds: float) -> array[float]:
    """A silent channel."""
    return array("f", bytes(4 * round(seconds * SAMPLE_RATE)))


def tone(hertz: int, level: float) -> array[float]:
    """Four seconds of a sine; one second of whole periods, again and again."""
    step = 2 * pi * hertz / SAMPLE_RATE
    return array("f", [level * sin(step * i) for i in range(SAMPLE_RATE)]) * SECONDS


def _noise(level: float, smooth: float) -> array[float]:
    """Noise; the higher `smooth`, the lower it sounds."""
    dice, last = Random(7), 0.0
    made = array("f")
    for _ in range(COUNT):
        last = smooth * last + (1 - smooth) * dice.uniform(-1, 1)
        made.append(level * last)
    return made


def struck(hertz: float, seconds: float, level: float, dies: float) -> array[float]:
    """A tone that begins at once and dies away. dies: seconds until a third of it is left."""
    step, fall = 2 * pi * hertz / SAMPLE_RATE, 1 / (dies * SAMPLE_RATE)
    return array("f", [level * sin(step * i) * exp(-i * fall) for i in range(round(seconds * SAMPLE_RATE))])


def laid(total: int, places: Iterator[tuple[float, array[float]]]) -> array[float]:
    """Sounds at their places, given in seconds, in a channel of `total` samples."""
    made = silence(total / SAMPLE_RATE)
    for place, piece in places:
        at = round(place * SAMPLE_RATE)
        end = min(total, at + len(piece))
        made[at:end] = array("f", map(float.__add__, made[at:end], piece[: end - at]))
    return made


def _drums() -> array[float]:
    """A short drum twice a second: high peaks with little between them."""
    drum = struck(180, 0.2, 0.8, 0.04)
    return laid(COUNT, ((i / 2, drum) for i in range(2 * SECONDS)))


def _speech() -> array[float]:
    """Syllables in words, with a pause after each fifth."""
    dice = Random(3)
    syllable = [struck(dice.choice((130, 170, 220)), 0.16, 0.2, 0.08) for _ in range(8)]
    places = (i * 0.2 for i in range(5 * SECONDS) if i % 5 != 4)
    return laid(COUNT, ((place, dice.choice(syllable)) for place in places))


@dataclass(frozen=True, slots=True)
class Piece:
    """Music with known beats. samples: one channel. beats: their times in seconds."""

    samples: array[float]
    beats: tuple[float, ...]


def click_track(bpm: float, beats: int, lead: float = 0.0) -> Piece:
    """Clicks at an even tempo, the first after `lead` seconds."""
    times = tuple(lead + i * 60 / bpm for i in range(beats))
    click = struck(2000, 0.03, 0.8, 0.006)
    total = round((times[-1] + 60 / bpm) * SAMPLE_RATE)
    return Piece(laid(total, ((time, click) for time in times)), times)


def pieces() -> Mapping[str, Callable[[], Piece]]:
    """Ten pieces of music, about fifteen seconds each, by their names."""
    return {
        "four on the floor, 124": lambda: _piece(124, "kick kick kick kick", "-hat -hat -hat -hat"),
        "rock, 96": lambda: _piece(96, "kick snare kick snare", "hat+hat hat+hat hat+hat hat+hat"),
        "waltz, 150": lambda: _piece(150, "kick hat hat", ""),
        "slow, 68": lambda: _piece(68, "kick snare", "pluck pluck"),
        "fast, 172": lambda: _piece(172, "kick snare", "hat hat"),
        "syncopated, 110": lambda: _piece(110, "kick snare -kick snare", "hat+hat hat+hat hat+hat hat+hat"),
        "played by hand, 104": lambda: _piece(104, "kick snare", "hat+hat hat", loose=0.012),
        "getting faster, 100 to 116": lambda: _piece(100, "kick snare", "hat+hat hat", faster=0.16),
        "chords alone, 84": lambda: _piece(84, "chord - low -", "pluck pluck pluck pluck"),
        "in noise, 128": lambda: _piece(128, "kick snare kick snare", "hat hat hat hat", noise=0.05),
    }


def _piece(
    bpm: float, low: str, high: str, loose: float = 0.0, faster: float = 0.0, noise: float = 0.0
) -> Piece:
    """Two patterns, a word for each beat. `-kick` is half a beat late, `hat+hat` comes twice, half a beat
    apart. loose: standard deviation of each beat in seconds. faster: share by which the tempo rises."""
    dice, voices = Random(11), _voices()
    times, at = [], 0.4
    while at < LONG:
        times.append(at + dice.gauss(0, loose) if loose else at)
        at += 60 / (bpm * (1 + faster * at / LONG))
    notes = []
    for pattern in filter(None, (low.split(), high.split())):
        for i, time in enumerate(times):
            half = (times[i + 1] - time) / 2 if i + 1 < len(times) else 30 / bpm
            first, _, second = pattern[i % len(pattern)].partition("+")
            late = half if first.startswith("-") else 0.0
            notes += [(time + late, voices[first.strip("-")])] if first.strip("-") else []
            notes += [(time + half, voices[second])] if second else []
    samples = laid((LONG + 1) * SAMPLE_RATE, iter(notes))
    if noise:
        samples = array("f", [sample + dice.uniform(-noise, noise) for sample in samples])
    return Piece(samples, tuple(times))


def _voices() -> Mapping[str, array[float]]:
    dice = Random(5)
    hiss = [dice.uniform(-1, 1) for _ in range(SAMPLE_RATE // 4)]

    def burst(seconds: float, level: float) -> array[float]:
        count = round(seconds * SAMPLE_RATE)
        return array("f", [level * hiss[i] * exp(-5 * i / count) for i in range(count)])

    def chord(root: float) -> array[float]:
        notes = [struck(root * share, 0.9, 0.1, 0.35) for share in (1, 1.25, 1.5)]
        return array("f", map(sum, zip(*notes, strict=True)))

    return {
        "kick": struck(55, 0.25, 0.6, 0.07),
        "snare": burst(0.15, 0.3),
        "hat": burst(0.04, 0.12),
        "chord": chord(196),
        "low": chord(131),
        "pluck": struck(523, 0.3, 0.12, 0.08),
    }
