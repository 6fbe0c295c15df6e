"""Everything that a page shows of one film."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from callsheet.page.document.comparison import Comparison
from callsheet.page.document.failure import Failure
from callsheet.page.document.fields import Json
from callsheet.page.document.film import FilmView
from callsheet.page.document.instance import InstanceView
from callsheet.page.document.lanes import Lanes
from callsheet.page.document.medium import Medium
from callsheet.page.document.money import MoneyRow, Remaining
from callsheet.page.document.run import RunView

VERSION: Final = 1
"""A change that an older page would misunderstand increases it."""


@dataclass(frozen=True, slots=True)
class Document:
    """Everything that a page shows of one film.

    at: when it was written. shown: the name of the run whose chart is shown, "" for none. runs: newest first.
    spent: USD by all runs of the film. media: id → medium.
    """

    callsheet: str
    at: float
    film: FilmView
    instances: tuple[InstanceView, ...]
    lanes: Lanes
    remaining: Remaining
    runs: tuple[RunView, ...] = ()
    shown: str = ""
    money: tuple[MoneyRow, ...] = ()
    failures: tuple[Failure, ...] = ()
    spent: float = 0.0
    media: Mapping[str, Medium] = field(default_factory=dict)
    comparison: Comparison | None = None
    notes: tuple[str, ...] = ()

    def with_media(self, media: Mapping[str, Medium]) -> Document:
        """The document with these media in the place of those of the same ids."""
        return replace(self, media={**self.media, **media})

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "version": VERSION,
            "callsheet": self.callsheet,
            "at": round(self.at, 3),
            "film": self.film.to_json(),
            "todo": self.remaining.to_json(),
            "instances": [instance.to_json() for instance in self.instances],
            "lanes": self.lanes.to_json(),
            "runs": [run.to_json() for run in self.runs],
            "shown": self.shown,
            "money": [row.to_json() for row in self.money],
            "failures": [failure.to_json() for failure in self.failures],
            "spent": self.spent,
            "media": {name: medium.to_json() for name, medium in self.media.items()},
            "comparison": self.comparison.to_json() if self.comparison else None,
            "notes": list(self.notes),
        }
