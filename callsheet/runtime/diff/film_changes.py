"""The differences of several films, as values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.read_side import SideError
from callsheet.spec.json_documents import FilmJson, FilmsJson, ForgottenJson

What = Literal["same", "changed", "moved", "added", "deleted", "failed"]
Fault = Literal["", "differs", "gone", "left behind"]


@dataclass(frozen=True, slots=True)
class LockFault:
    """What is wrong with the lock file of a film. fault: it *differs* from what the film asks for, is *gone*,
    or was *left behind* when the film moved. path, before: the lock file's, new and old. differences: a
    sentence each."""

    fault: Fault = ""
    path: str = ""
    before: str = ""
    differences: tuple[str, ...] = ()

    def to_json(self) -> ForgottenJson:
        return {"fault": self.fault, "path": self.path, "differences": list(self.differences)}


@dataclass(frozen=True, slots=True)
class FilmChanges:
    """One film. path: where it is, or was before it was deleted; from the folder of its project. changes:
    None where it cannot be compared; error says why."""

    path: str
    what: What
    changes: Changes | None = None
    error: SideError | None = None
    lock: LockFault = LockFault()

    def to_json(self) -> FilmJson:
        return {
            "path": self.path,
            "what": self.what,
            "error": self.error.message if self.error else None,
            "lock": self.lock.to_json() if self.lock.fault else None,
            "changes": self.changes.to_json() if self.changes else None,
        }


@dataclass(frozen=True, slots=True)
class FilmsChanges:
    """All films, by path. old, new: the names of the two states."""

    old: str
    new: str
    films: tuple[FilmChanges, ...]

    @property
    def told(self) -> tuple[FilmChanges, ...]:
        """The films that there is something to say about."""
        return tuple(film for film in self.films if film.what != "same" or film.lock.fault)

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.told)

    @property
    def failed(self) -> tuple[FilmChanges, ...]:
        """The films that cannot be compared."""
        return tuple(film for film in self.films if film.error)

    @property
    def forgotten(self) -> tuple[FilmChanges, ...]:
        """The films whose lock file was forgotten."""
        return tuple(film for film in self.films if film.lock.fault)

    @property
    def changes(self) -> tuple[Changes, ...]:
        return tuple(film.changes for film in self.films if film.changes)

    @property
    def usd(self) -> tuple[float, float]:
        """What making the differences of all films costs, USD, at least and at most."""
        low, high = (sum(found.usd[i] for found in self.changes) for i in (0, 1))
        return round(low, 6), round(high, 6)

    @property
    def unpriced(self) -> int:
        """How many of these calls have no known price."""
        return sum(found.unpriced for found in self.changes)

    def paid(self, before: bool = False) -> float | None:
        """See `Changes.paid`."""
        found = [usd for each in self.changes if (usd := each.paid(before)) is not None]
        return round(sum(found), 6) if found else None

    def to_json(self) -> FilmsJson:
        """Everything as JSON values; money in USD."""
        low, high = self.usd
        return {
            "version": 1,
            "old": self.old,
            "new": self.new,
            "usd": {"low": low, "high": None if self.unpriced else high, "unpriced": self.unpriced},
            "paid": {"branch": self.paid() or 0.0, "before": self.paid(before=True) or 0.0},
            "films": [film.to_json() for film in self.films],
        }
