"""One media file to make in a preview, and its format."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.nodes.preview.brief import Brief
from callsheet.nodes.preview.given import Given
from callsheet.nodes.preview.random import Dice
from callsheet.spec.media import Facts
from callsheet.spec.node import Job

SMALLEST, LARGEST = 16, 8192
USUAL_SECONDS: Final = 5.0
LONGEST_SECONDS: Final = 3600


@dataclass(frozen=True, slots=True)
class Take:
    """One media file to make. stem: the file's name without its ending. facts: what the model would give.
    voice: the program that speaks, "" for a tone. size: as in `Known`."""

    job: Job
    brief: Brief
    given: Given
    facts: Facts
    stem: str
    voice: str = ""
    size: int = 0

    @property
    def dice(self) -> Dice:
        return Dice(self.brief.identity, self.brief.address)

    @property
    def title(self) -> str:
        """Tells two requests apart whose previews show the same."""
        return f"callsheet preview {self.brief.identity} {self.brief.variant}"

    def pixels(self, facts: Facts) -> tuple[int, int]:
        """Width and height of a picture: the model's own, or as small as was asked for, in the same shape."""
        width, height = within(facts.width), within(facts.height)
        shorter = min(width, height)
        if not self.size or shorter <= self.size:
            return width, height
        return within(round(width * self.size / shorter)), within(round(height * self.size / shorter))

    def path(self, ending: str) -> Path:
        return self.job.workdir / f"{self.stem}.{ending}"


def asked_format(params: Mapping[str, object], formats: Mapping[str, object]) -> str | None:
    """The first of `formats` that a parameter about the format names (`mp3` also for `mp3_44100_128`)."""
    for name, value in params.items():
        if isinstance(value, Mapping) and (found := asked_format(value, formats)):
            return found
        if "format" in name and isinstance(value, str):
            asked = value.lower().split("_")[0]
            if asked in formats:
                return asked
    return None


def within(pixels: int | None) -> int:
    """A side of a picture, held between 16 and 8192 pixels."""
    return max(SMALLEST, min(LARGEST, pixels or SMALLEST))
