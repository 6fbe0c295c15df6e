"""The camera: how it moves over a picture, from the words of the prompt or else from the seed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from callsheet.nodes.preview.random import Dice

Box = tuple[float, float, float, float]

MARGIN: Final = 0.13
"""How far the camera may look beyond each edge of the picture, as a share of its size."""

FARTHEST: Final = 0.25
"""How far a move to the side goes at most."""

IN, OUT = 0.20, -0.16
SIDE, RISE = 0.11, 0.10
DRIFT: Final = 0.035
EVEN_PACE: Final = 0.35


@dataclass(frozen=True, slots=True)
class Move:
    """Where the camera ends; it always begins on the whole picture.

    pan, tilt: shift of the centre, in shares of width and height (right and down are positive).
    zoom: 0.2 ends on a fifth closer, -0.1 on a tenth further away.
    """

    pan: float = 0.0
    tilt: float = 0.0
    zoom: float = 0.0

    def __add__(self, other: Move) -> Move:
        return Move(self.pan + other.pan, self.tilt + other.tilt, self.zoom + other.zoom)

    def box(self, time: float, size: tuple[int, int]) -> Box:
        """What the camera sees at `time` 0..1 of a picture of `size`: left, top, right, bottom in pixels.

        Fractions of a pixel are meant. The box keeps the picture's aspect and stays within MARGIN. A move
        to the side comes closer, so that nothing beyond the picture is seen; only what moves out sees more.
        """
        pace = eased(time)
        seen = min(1 / (1 + self.zoom * pace), 1 + 2 * MARGIN)
        if self.zoom >= 0:
            seen = min(seen, 1 - 2 * min(FARTHEST, max(abs(self.pan), abs(self.tilt))) * pace)
        reach = (1 - seen) / 2 + (MARGIN if self.zoom < 0 else 0)
        x = 0.5 + _held(self.pan * pace, reach)
        y = 0.5 + _held(self.tilt * pace, reach)
        width, height = size
        half = seen / 2
        return (x - half) * width, (y - half) * height, (x + half) * width, (y + half) * height


WORDS: Final = (
    (
        r"(?:dolly|push|zoom|track|move|moves|moving|dollies|pushes|zooms)\s*-?(?:in|forward|closer|into)\b",
        Move(zoom=IN),
    ),
    (
        r"(?:dolly|pull|zoom|move|moves|dollies|pulls|zooms)\s*-?(?:out|back|away|backwards?)\b",
        Move(zoom=OUT),
    ),
    (r"(?:pan|pans|panning|truck|track|tracks|slide|slides|sweep)\s+(?:to the\s+)?left", Move(pan=-SIDE)),
    (r"(?:pan|pans|panning|truck|track|tracks|slide|slides|sweep)\s+(?:to the\s+)?right", Move(pan=SIDE)),
    (r"(?:tilt|tilts|crane|boom|pedestal|camera)\s+(?:up|upwards?|rises|rising)\b", Move(tilt=-RISE)),
    (r"(?:tilt|tilts|crane|boom|pedestal|camera)\s+(?:down|downwards?|descends|lowers)\b", Move(tilt=RISE)),
    (r"\b(?:orbit|orbits|orbiting|arc shot|circles)\b", Move(pan=SIDE, zoom=IN / 2)),
    (r"\b(?:zoom-?in|push-?in|dolly-?in|close-?up on)\b", Move(zoom=IN)),
)
STILL: Final = (
    r"\b(?:static|locked[- ]off|locked[- ]down|tripod|fixed camera|still camera|no camera movement)\b"
)


def move(prompt: str, dice: Dice) -> Move:
    """The move that the prompt asks for; several add up. Without one, the dice choose a quiet one."""
    text = prompt.lower()
    if re.search(STILL, text):
        return Move()
    asked = {m for pattern, m in WORDS if re.search(pattern, text)}
    if asked:
        total = Move()
        for m in sorted(asked, key=lambda m: (m.pan, m.tilt, m.zoom)):
            total = total + m
        return total
    return _quiet(dice)


def _quiet(dice: Dice) -> Move:
    closer, across = dice.pick((IN, IN * 0.7, OUT * 0.8, 0.05)), dice.pick((-1, 1))
    if closer == 0.05:
        return Move(pan=across * SIDE, zoom=closer)
    return Move(across * dice.between(DRIFT / 2, DRIFT), dice.between(-DRIFT, DRIFT), closer)


def eased(time: float) -> float:
    """0..1 to 0..1, slow at both ends."""
    smooth = time * time * (3 - 2 * time)
    return EVEN_PACE * time + (1 - EVEN_PACE) * smooth


def times(count: int) -> Iterator[float]:
    """The moments of `count` frames: the first is 0 and the last is 1."""
    return (i / max(1, count - 1) for i in range(count))


def _held(value: float, reach: float) -> float:
    return max(-reach, min(reach, value))
