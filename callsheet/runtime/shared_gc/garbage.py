"""What may be removed of a shared store, and what a search for it found."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.remote_store.backend import SharedFile
from callsheet.spec.document import Document

DAY: Final = 86_400.0
"""Seconds."""
USUAL: Final = 30 * DAY
"""Seconds for which a file stays where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class SharedRules:
    """What may be removed. keep: seconds for which a file stays that nothing needs. early: also what was put
    there before films said what they need. forget: projects, or branches as `project/branch`, that need
    nothing any more. now: seconds since the epoch; None for the time of this machine."""

    keep: float = USUAL
    early: bool = False
    forget: tuple[str, ...] = ()
    now: float | None = None


def shared_rules(
    older_than: float | None, max_size: int | None, everything: bool, forget: Sequence[str]
) -> SharedRules:
    """The rules as a person gives them. older_than: seconds. Raises InputError for a size."""
    if max_size is not None:
        raise InputError(
            "nobody knows which of the files in a shared store are the least useful ones",
            "leave out --max-size; --older-than says how old a file must be",
        )
    return SharedRules(USUAL if older_than is None else older_than, everything, tuple(forget))


@dataclass(frozen=True, slots=True)
class Needing:
    """A branch of a project that needs something. films: how many. at: when it last said so, in seconds since
    the epoch; None where the store does not tell."""

    project: str
    branch: str
    films: int
    at: float | None


@dataclass(frozen=True, slots=True)
class GoingFilm:
    """What goes of one film; "" for what no film is known of. size: bytes. usd: what it was bought for, as
    far as known. at: when the last of it was bought (UTC, ISO 8601)."""

    film: str
    files: int
    size: int
    usd: float
    at: str = ""


@dataclass(frozen=True, slots=True)
class SharedGarbage(Document):
    """The result of a search in a shared store. going: the files that would be removed, in that order. films:
    the same by film. kept, kept_size: files that stay, and their bytes; early, early_size: those of them that
    nothing needs, and that were put there before films said what they need. projects: who needs something."""

    store: str
    going: tuple[SharedFile, ...]
    films: tuple[GoingFilm, ...]
    kept: int
    kept_size: int
    early: int
    early_size: int
    projects: tuple[Needing, ...]

    @property
    def usd(self) -> float:
        """What the results that go were bought for."""
        return sum(film.usd for film in self.films)
