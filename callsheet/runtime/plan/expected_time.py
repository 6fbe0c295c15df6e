"""Guesses how long an instance takes. It only decides the order of starts, and fills gaps in estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from callsheet.spec.media import Facts
from callsheet.spec.node import NodeSpec
from callsheet.spec.types import media_in

SECONDS: Final[Mapping[str, float]] = {"image": 8.0, "video": 60.0, "audio": 10.0, "file": 10.0}
TEXT_SECONDS: Final = 5.0
USUAL_LENGTH: Final = 6.0
LOCAL_SHARE: Final = 0.05


def expected_seconds(spec: NodeSpec, facts: Mapping[str, Facts]) -> float:
    """A guess of the seconds that one instance of `spec` takes.

    A longer video takes longer. A local operation takes a twentieth of what a model would.
    """
    work = max(_seconds_of_each(spec, facts), default=TEXT_SECONDS)
    return work * LOCAL_SHARE if spec.provider == "local" else work


def _seconds_of_each(spec: NodeSpec, facts: Mapping[str, Facts]) -> Iterator[float]:
    for name, t in spec.outputs.items():
        length = facts.get(name, Facts()).seconds or USUAL_LENGTH
        for media in media_in(t):
            yield SECONDS[media.kind] * (length / USUAL_LENGTH if media.kind == "video" else 1.0)
