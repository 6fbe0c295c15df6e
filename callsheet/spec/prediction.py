"""Predicts the length, size, frame rate and sound of a model's results from its parameters.

A shape is plain data of a catalogue record; every key may be left out:

    seconds  6 · duration · {frames: 25, per: fps} · {like: video_url, plus: duration} · {speech: text}
    size     [1920, 1080] · {named: image_size} · {width: width, height: height}
             {resolution: 720p, aspect: aspect_ratio, like: image_url, times: upscale_factor}
    fps      30 · fps · {like: video_url}
    audio    true · generate_audio · {like: video_url}

A word is the name of a parameter if the endpoint has one of that name, else a value. `like` takes the fact
from a media input. Results are limited (an hour, 8192 pixels, 240 frames per second), since values may come
from anywhere.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from callsheet.spec import size as sizes
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.types import Choice, Field, ListOf, Maybe, Media, MediaKind, OneOf, Type

SECONDS: Final = 5.0
FPS: Final = 24.0
VIDEO_SIDE: Final = 720
IMAGE_SIDE: Final = 1024
CHARACTERS_PER_SECOND: Final = 15.0
MAX_SECONDS, MAX_FPS = 3600.0, 240.0

FOLLOWED: Final = (
    ("match_audio_length", "audio_url"),
    ("match_video_length", "video_url"),
    ("match_input_num_frames", "video_url"),
)
"""A switch that makes the result as long as a file, whatever `num_frames` says, and that file's parameter."""
SAME_RATE: Final = ("match_input_fps", "match_input_frames_per_second")
"""Switches that give the result the frame rate of the video that goes in."""


def followed(values: Mapping[str, object], inputs: Mapping[str, Field]) -> tuple[str, str] | None:
    """The switch that makes the result as long as a file, and that file's parameter; None where no file comes
    whose length it could have. inputs: those of the endpoint."""
    for switch, file in FOLLOWED:
        comes = values.get(file) is not None or (file in inputs and inputs[file].required)
        if values.get(switch) is True and comes:
            return switch, file
    return None


def same_rate(values: Mapping[str, object]) -> bool:
    """Whether the result has the frame rate of the video that goes in."""
    return any(values.get(name) is True for name in SAME_RATE)


DURATION = re.compile(r"\s*(\d{1,12}(?:\.\d*)?)\s*(ms|s|sec|seconds)?\s*\Z")
MOST = 10**12


@dataclass(frozen=True, slots=True)
class Shape:
    """data: as above. inputs: the endpoint's parameters. outputs: name → type of what it makes.

    certain: leave out facts that would be guesses.
    """

    data: Mapping[str, Any]
    inputs: Mapping[str, Field]
    outputs: Mapping[str, Type]
    certain: bool = False

    def facts(self, parameters: Mapping[str, object]) -> Mapping[str, Facts]:
        """Output name → predicted facts, for media outputs."""
        made = ((name, kind_of(t)) for name, t in self.outputs.items())
        return {name: self._facts(kind, parameters) for name, kind in made if kind not in (None, "file")}

    def _facts(self, kind: MediaKind | None, parameters: Mapping[str, object]) -> Facts:
        seconds = None if kind == "image" else self._seconds(parameters)
        if kind == "audio":
            return Facts(seconds=seconds, audio=True)
        width, height = self._size(parameters, video=kind == "video")
        if kind == "image":
            return Facts(width=width, height=height)
        return Facts(seconds, width, height, self._fps(parameters), self._audio(parameters))

    def _seconds(self, parameters: Mapping[str, object]) -> float | None:
        seconds = self._length(self.data.get("seconds"), parameters)
        return min(seconds, MAX_SECONDS) if seconds and seconds > 0 else self._guess(SECONDS)

    def _guess(self, value: float) -> float | None:
        return None if self.certain else value

    def _length(self, how: object, parameters: Mapping[str, object]) -> float | None:
        match how:
            case {"frames": _, "per": rate} if found := followed(parameters, self.inputs):
                return self._as_long(*found, rate, parameters)
            case {"frames": frames, "per": rate}:
                count, fps = self._number(frames, parameters), self._rate(rate, parameters)
                return count / fps if count and fps else None
            case {"speech": text}:
                said = None if self.certain else parameters.get(text)
                return max(len(said) / CHARACTERS_PER_SECOND, 1.0) if isinstance(said, str) else None
            case {"like": media, **more}:
                source = _facts_of(parameters, media).seconds or self._guess(SECONDS)
                return None if source is None else source + self._added(more.get("plus"), parameters)
            case str(name) if name in self.inputs:
                return length(parameters.get(name), "ms" if name.endswith("_ms") else "s")
        return length(how)

    def _as_long(
        self, switch: str, file: str, rate: object, parameters: Mapping[str, object]
    ) -> float | None:
        """Seconds of a result that has the length of a file, or as many frames as it."""
        source = _facts_of(parameters, file)
        if switch != "match_input_num_frames" or same_rate(parameters):
            return source.seconds or self._guess(SECONDS)
        fps = self._number(rate, parameters)
        if source.seconds and source.fps and fps:
            return source.seconds * source.fps / fps
        return self._guess(source.seconds or SECONDS)

    def _rate(self, stated: object, parameters: Mapping[str, object]) -> float | None:
        """Frames per second: those of the video that goes in, where a switch says so."""
        if same_rate(parameters) and "video_url" in parameters:
            return _facts_of(parameters, "video_url").fps or self._guess(FPS)
        return self._number(stated, parameters)

    def _added(self, how: object, parameters: Mapping[str, object]) -> float:
        return self._length(how, parameters) or 0.0

    def _number(self, how: object, parameters: Mapping[str, object]) -> float | None:
        value = parameters.get(how) if isinstance(how, str) and how in self.inputs else how
        return length(value)

    def _fps(self, parameters: Mapping[str, object]) -> float | None:
        match how := self.data.get("fps"):
            case {"like": media}:
                fps = _facts_of(parameters, media).fps
            case _:
                fps = self._rate(how, parameters)
        return min(fps, MAX_FPS) if fps and fps > 0 else self._guess(FPS)

    def _audio(self, parameters: Mapping[str, object]) -> bool | None:
        match self.data.get("audio", None if self.certain else False):
            case None:
                return None
            case {"like": media}:
                return _facts_of(parameters, media).audio
            case str(name):
                value = parameters.get(name)
                return value if isinstance(value, bool) else None
            case how:
                return bool(how)

    def _size(self, parameters: Mapping[str, object], video: bool) -> sizes.Size | tuple[None, None]:
        how: Any = self.data.get("size", {})
        found: tuple[float, float] | None
        match how:
            case [width, height]:
                found = width, height
            case {"width": width, "height": height}:
                found = self._given(width, height, parameters)
            case {"named": name}:
                found = sizes.explicit(parameters.get(name)) or self._scaled(how, parameters, video)
            case _:
                found = self._scaled(how, parameters, video)
        found = found or self._scaled({}, parameters, video)
        return sizes.bounded(found, even=video) if found else (None, None)

    def _given(self, width: str, height: str, parameters: Mapping[str, object]) -> tuple[float, float] | None:
        w, h = self._number(width, parameters), self._number(height, parameters)
        return (w, h) if w and h else None

    def _scaled(
        self, how: Mapping[str, Any], parameters: Mapping[str, object], video: bool
    ) -> tuple[float, float] | None:
        source = _facts_of(parameters, how.get("like", ""))
        resolution = self._value(how.get("resolution"), parameters)
        if stated := sizes.explicit(resolution):
            return stated
        aspect = self._aspect(how, parameters, source, self._guess(sizes.WIDE if video else 1.0))
        if aspect is None:
            return None
        if side := sizes.short_side(resolution):
            return self._by_side(side, str(resolution), aspect, video)
        if source.width and source.height and "aspect" not in how:
            times = self._number(how["times"], parameters) if "times" in how else 1.0
            times = times or self._guess(1.0)
            return (source.width * times, source.height * times) if times else None
        if self.certain:
            return None
        if video:
            return sizes.by_short_side(VIDEO_SIDE, aspect)
        return sizes.by_area(sizes.SQUARE_PIXELS.get(str(resolution).lower(), IMAGE_SIDE), aspect)

    def _by_side(self, side: int, resolution: str, aspect: float, video: bool) -> tuple[float, float]:
        squares = sizes.SQUARE_PIXELS.get(resolution.lower())
        if squares and not video:
            return sizes.by_area(squares, aspect)
        return sizes.by_short_side(side, aspect)

    def _aspect(
        self, how: Mapping[str, Any], parameters: Mapping[str, object], source: Facts, fallback: float | None
    ) -> float | None:
        name = how.get("aspect", "")
        if stated := sizes.ratio(self._value(name, parameters)):
            return stated
        if not (source.width and source.height):
            return fallback
        offered = _choices(self.inputs[name].type) if name in self.inputs else ()
        return sizes.nearest_ratio(source.width / source.height, offered)

    def _value(self, name: object, parameters: Mapping[str, object]) -> object:
        return parameters.get(name) if isinstance(name, str) and name in self.inputs else name


def length(value: object, unit: str = "s") -> float | None:
    """Seconds from `8`, `"8"`, `"8s"` or `"800ms"`; None for `auto` and other texts."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value / (1000 if unit == "ms" else 1) if 0 <= value <= MOST else None
    match = DURATION.match(value) if isinstance(value, str) else None
    if match is None:
        return None
    return float(match[1]) / (1000 if (match[2] or unit) == "ms" else 1)


def kind_of(t: Type) -> MediaKind | None:
    """The media kind of an output, or of the elements of a list; None for other types."""
    match t:
        case Media(kind):
            return kind
        case ListOf(inner) | Maybe(inner):
            return kind_of(inner)
    return None


def _facts_of(parameters: Mapping[str, object], name: str) -> Facts:
    value = parameters.get(name)
    if isinstance(value, list) and value:
        value = value[0]
    return value.facts if isinstance(value, Artifact) else Facts()


def _choices(t: Type) -> tuple[object, ...]:
    match t:
        case Choice(values):
            return values
        case Maybe(inner):
            return _choices(inner)
        case OneOf(options):
            return tuple(v for option in options for v in _choices(option))
    return ()
