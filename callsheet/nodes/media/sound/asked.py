"""Reads the sounds that an operation is asked for: what may be said of each, and its place in a film."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Final

from callsheet.errors import NodeError
from callsheet.nodes.media.codec.audio import samples
from callsheet.nodes.media.codec.reader import look
from callsheet.nodes.media.probe import identify, probe
from callsheet.nodes.media.timeline.model import Sound
from callsheet.spec.media import Artifact
from callsheet.spec.types import AUDIO, BOOLEAN, NUMBER, VIDEO, Field, OneOf, Record

Fields = Mapping[str, object]
"""An object of a list, such as a clip or a sound, as it was given."""
SHORTEST_LOOP: Final = 0.05
"""Seconds of a sound below which it cannot be repeated."""
TIME: Final = Field(NUMBER, minimum=0)
LENGTH: Final = Field(NUMBER, minimum=0.001, maximum=21_600)
FACTOR: Final = Field(NUMBER, minimum=0.1, maximum=20)
GAIN: Final = Field(NUMBER, minimum=-60, maximum=20)
SOUND: Final = Record(
    {
        "audio": Field(OneOf((AUDIO, VIDEO)), required=True),
        "at": TIME,
        "start": TIME,
        "seconds": LENGTH,
        "speed": FACTOR,
        "fade_in": TIME,
        "fade_out": TIME,
        "gain": GAIN,
        "loop": Field(BOOLEAN),
    }
)


def objects(given: object) -> list[Fields]:
    """The objects of a list; [] for anything else, such as a value that is not known yet."""
    return [item for item in given if isinstance(item, Mapping)] if isinstance(given, list | tuple) else []


def exact(given: Fields, name: str, default: float = 0.0) -> Fraction:
    """A number of an object, without the error of a float; `default` where it is left out."""
    found = given.get(name)
    number = found if isinstance(found, int | float) else default
    return Fraction(number).limit_denominator(10**9)


def span_of(path: Path) -> tuple[Fraction, Fraction]:
    """Where a sound begins in the clock of its file, and how long it is, in seconds.

    The sound of a video is what is heard with its picture.
    """
    if identify(path) == "video":
        clip = look(path)
        return clip.start, clip.seconds
    return Fraction(0), Fraction(probe(path).seconds or 0.0)


def _loop_length(path: Path, seconds: Fraction) -> int:
    """Samples after which a sound starts again. Raises NodeError (*local*) for one that is too short."""
    if seconds < SHORTEST_LOOP:
        raise NodeError(f"{path.name} is too short to be repeated", "local", "pass a longer one")
    return samples(seconds)


def sound_of(given: Fields, total: int) -> Sound:
    """A sound at its place, which ends at sample `total` at the latest. Raises NodeError (*local*)."""
    artifact = given["audio"]
    assert isinstance(artifact, Artifact)
    at = samples(exact(given, "at"))
    start, speed = exact(given, "start"), exact(given, "speed", 1.0)
    origin, whole = span_of(artifact.path)
    loop = _loop_length(artifact.path, whole) if given.get("loop") is True else 0
    left = total - at
    if given.get("seconds") is not None:
        left = min(left, samples(exact(given, "seconds")))
    elif not loop:
        left = min(left, samples((whole - start) / speed))
    length = max(0, left)
    rise, fall = (min(length, samples(exact(given, name))) for name in ("fade_in", "fade_out"))
    gain = float(exact(given, "gain"))
    return Sound(artifact.path, at, length, origin, start, speed, rise, fall, loop=loop, gain=gain)
