"""One call as its price sees it: the parameters as far as they are known, and what will come out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from typing import Final

from callsheet.spec import size as sizes
from callsheet.spec.choices import choices
from callsheet.spec.media import Artifact, Facts
from callsheet.spec.node import Limits
from callsheet.spec.prediction import followed, length, same_rate
from callsheet.spec.price.guessed_size import SIDE, guessed_pixels, unmeasured
from callsheet.spec.price.span import Span, between, known
from callsheet.spec.roles import SIZES
from callsheet.spec.types import Field, ListOf


class Unknown(Enum):
    """The value of a parameter that is given, and known only in the run."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
AUTO: Final = ("auto", "adaptive")
"""Values that leave the choice to the model."""

SECONDS: Final = (1.0, 60.0)
"""Seconds that a file may have of which nothing is known."""
FPS: Final = (24.0, 60.0)
SPEECH: Final = (8.0, 25.0)
"""Characters that a voice speaks in a second: the slowest and the fastest."""
CHARACTERS: Final = 1000
"""Characters of a text of which nothing is known, at most."""


FRAMES: Final = ("num_frames", "max_frames")


NO_FACTS: Final = Facts()


def is_open(value: object) -> bool:
    """Whether a value leaves open what it will be: the model chooses, or the run decides."""
    return value is UNKNOWN or (isinstance(value, str) and value in AUTO)


@dataclass(frozen=True, slots=True)
class Call:
    """values: parameters, defaults included; `UNKNOWN` where one is given and not known yet.

    made: what is certain of the main output. guess: what is expected of it. seconds: how its length follows
    from the parameters, as a shape says it. accepts, inputs: those of the endpoint. together: media parameter
    → seconds that all its items may have together. foresee: values → what is expected of the main output.
    """

    values: Mapping[str, object]
    made: Facts = NO_FACTS
    guess: Facts = NO_FACTS
    seconds: object = None
    accepts: Mapping[str, Limits] = field(default_factory=dict)
    inputs: Mapping[str, Field] = field(default_factory=dict)
    together: Mapping[str, float] = field(default_factory=dict)
    foresee: Callable[[Mapping[str, object]], Facts] = lambda _: NO_FACTS

    def length(self) -> Span:
        """Seconds of the result."""
        if self.made.seconds is not None:
            return known(self.made.seconds)
        return self._length(self.seconds)

    def _length(self, how: object) -> Span:
        match how:
            case {"like": str(media), **more}:
                return self.seconds_of(media, alone="plus" not in more) + self._added(more.get("plus"))
            case {"frames": frames, "per": rate}:
                count, fps = self.number(frames), self.number(rate)
                return Span(
                    count.low / max(fps.high, 1), count.high / max(fps.low, 1), (*count.why, *fps.why)
                )
            case {"speech": str(text)}:
                said = self.characters(text)
                why = (*said.why, "how fast the voice speaks is not known")
                return Span(said.low / SPEECH[1], max(said.high / SPEECH[0], 1.0), why)
            case {"sum": str(place)}:
                return self._sum(place)
            case str(name) if name in self.inputs:
                return self.duration(name)
        if self.guess.seconds is not None and how not in (None, ""):
            return known(self.guess.seconds)
        return between(*SECONDS, "the length of the result is not known")

    def _added(self, how: object) -> Span:
        return (
            known(0.0) if how is None else known(how) if isinstance(how, int | float) else self._length(how)
        )

    def _sum(self, place: str) -> Span:
        name, _, part = place.partition(".")
        items = self.values.get(name)
        lengths = (
            [length(i.get(part)) for i in items if isinstance(i, Mapping)] if isinstance(items, list) else []
        )
        if not lengths or None in lengths:
            return between(*SECONDS, f"the length of {name} is not known")
        return known(sum(seconds or 0.0 for seconds in lengths))

    def duration(self, name: str) -> Span:
        """Seconds that a parameter states; all that it can be where the model chooses or nobody knows yet."""
        unit = "ms" if name.endswith("_ms") else "s"
        value = self.values.get(name)
        if (stated := length(value, unit)) is not None:
            return known(stated)
        why = f"{name} is not known yet" if value is UNKNOWN else f"the model chooses {name}"
        low, high = self._offered(name, unit)
        if high is None:
            why += f", at most {max(SECONDS[1], low or 0.0):g} s assumed"
        return between(low or SECONDS[0], high or max(SECONDS[1], low or 0.0), why)

    def _offered(self, name: str, unit: str) -> tuple[float | None, float | None]:
        """The shortest and the longest that a parameter takes, in seconds."""
        if name not in self.inputs:
            return None, None
        stated = self.inputs[name]
        listed = [s for value in choices(stated.type) if (s := length(value, unit)) is not None]
        if listed:
            return min(listed), max(listed)
        return length(stated.minimum, unit), length(stated.maximum, unit)

    def number(self, name: object) -> Span:
        """The number that a parameter has, or what its bounds are; a number stands for itself."""
        if name in FRAMES and (found := followed(self.values, self.inputs)):
            switch, file = found
            return self.seconds_of(file, alone=True) * self._rate_beside(file, switch)
        value = self.values.get(name) if isinstance(name, str) else name
        if (stated := length(value)) is not None:
            return known(stated)
        bounds = self.inputs.get(str(name))
        low, high = (bounds.minimum, bounds.maximum) if bounds else (None, None)
        why = f"{name} is not known yet"
        return between(
            low if low is not None else 1.0, high if high is not None else max(low or 0.0, 1.0), why
        )

    def _rate_beside(self, file: str, switch: str) -> Span:
        """Frames per second of a result that is as long as a file."""
        kept = switch == "match_input_num_frames" or same_rate(self.values)
        return self.rate_of(file) if kept and file == "video_url" else self.rate()

    def count(self, name: str) -> Span:
        """How many items a parameter holds: the length of a list, 1 of anything else, 0 of nothing."""
        value = self.values.get(name)
        if value is UNKNOWN and name in self.inputs:
            most = self.inputs[name].max_items
            return between(1.0, float(most or 10), f"how many {name} there will be is not known yet")
        return known(float(len(value)) if isinstance(value, list | tuple) else 0.0 if value is None else 1.0)

    def characters(self, name: str) -> Span:
        """Characters of a text, or of the texts at a place inside a list (`inputs.text`)."""
        head, _, part = name.partition(".")
        value = self.values.get(head)
        if isinstance(value, str):
            return known(float(len(value)))
        if isinstance(value, list) and part:
            texts = [item.get(part) for item in value if isinstance(item, Mapping)]
            if all(isinstance(text, str) for text in texts):
                return known(float(sum(len(str(text)) for text in texts)))
        most = self.inputs[head].max_length if head in self.inputs else None
        return between(1.0, float(most or CHARACTERS), f"the text of {head} is not known yet")

    def files(self, name: str) -> Iterator[Artifact]:
        """The media of a parameter that are known to come."""
        return (item for item in self.items(name) if isinstance(item, Artifact))

    def items(self, name: str) -> list[object]:
        """What a parameter holds: the elements of a list, or its value. Media behind a URL are texts."""
        value = self.values.get(name)
        found = value if isinstance(value, list | tuple) else [value]
        return [item for item in found if item is not None]

    def seconds_of(self, name: str, alone: bool = False) -> Span:
        """Seconds of all media of a parameter together; what its limits say where they are not known.

        alone: nothing else makes up the length, so that it is not 0 where the file is missing.
        """
        optional = name in self.inputs and not self.inputs[name].required
        if self.values.get(name) is None and optional and not alone:
            return known(0.0)
        limits = self.accepts.get(name, Limits())
        low, high = limits.min_seconds or SECONDS[0], limits.max_seconds or SECONDS[1]
        why = f"the length of {name} is not known"
        if limits.max_seconds is None:
            why += f", at most {high:g} s assumed"
        open_length = between(low, high, why)
        if self.values.get(name) is UNKNOWN or not self.items(name):
            return self._within(name, open_length * self._how_many(name))
        lengths = [
            known(item.facts.seconds) if isinstance(item, Artifact) and item.facts.seconds else open_length
            for item in self.items(name)
        ]
        return self._within(name, sum(lengths[1:], lengths[0]))

    def _within(self, name: str, seconds: Span) -> Span:
        """No more than the model takes of all items together, as far as their lengths are not known."""
        most = self.together.get(name)
        if most is None or seconds.exact:
            return seconds
        return Span(min(seconds.low, most), min(seconds.high, most), seconds.why)

    def _how_many(self, name: str) -> Span:
        """How many media a parameter holds of which none is seen yet."""
        several = name in self.inputs and isinstance(self.inputs[name].type, ListOf)
        return self.count(name) if several and self.values.get(name) is UNKNOWN else known(1.0)

    def rate_of(self, name: str) -> Span:
        """Frames per second of a file."""
        found = next((file.facts.fps for file in self.files(name) if file.facts.fps), None)
        return known(found) if found else between(*FPS, f"the frame rate of {name} is not known")

    def rate(self) -> Span:
        """Frames per second of the result."""
        found = self.made.fps or self.guess.fps
        return known(found) if found else between(*FPS, "the frame rate of the result is not known")

    def sized(self) -> bool:
        """Whether the size of the result is certain, or could not be given: `auto_2K` states none."""
        certain = bool(self.made.width and self.made.height)
        return certain or not any(name in self.inputs for name in SIZES)

    def pixels(self) -> Span:
        """Pixels of one picture, or of one frame."""
        if self.made.width and self.made.height:
            return known(float(self.made.width * self.made.height))
        sides = self._classes()
        if sides:
            wide = (side * sizes.by_short_side(side, sizes.WIDE)[0] for side in sides)
            low, *more = sorted(wide)
            return between(low, more[-1] if more else low, "the model chooses resolution")
        if self.guess.width and self.guess.height:
            return guessed_pixels(self, float(self.guess.width * self.guess.height))
        return between(SIDE[0] ** 2, SIDE[1] ** 2, "the size of the result is not known")

    def _classes(self) -> list[int]:
        """Pixels of the shorter sides that the model may choose from, where it does."""
        if not is_open(self.values.get("resolution", "")) or "resolution" not in self.inputs:
            return []
        sides = (sizes.short_side(value) for value in choices(self.inputs["resolution"].type))
        return [side for side in sides if side]

    def short_side(self) -> float | None:
        """Pixels of the shorter side of the result, where its size is certain."""
        if self.made.width and self.made.height:
            return float(min(self.made.width, self.made.height))
        return None

    def pixels_of(self, name: str) -> list[Span]:
        """Pixels of each picture of a parameter."""
        open_size = between(SIDE[0] ** 2, SIDE[1] ** 2, unmeasured(name))
        if self.values.get(name) is UNKNOWN:
            return [open_size * self._how_many(name)]
        return [known(float(pixels)) if (pixels := _pixels(item)) else open_size for item in self.items(name)]


def _pixels(item: object) -> int:
    """Pixels of a medium, 0 where its size is not known."""
    return (item.facts.width or 0) * (item.facts.height or 0) if isinstance(item, Artifact) else 0
