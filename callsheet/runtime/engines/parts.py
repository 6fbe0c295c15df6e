"""The parts of a result that an operation makes one by one, such as the clips of a film in one form.

A worker that is asked for a film says which parts it would need. They become tasks of their own, several in
one, so that many workers make them; then a worker gets all of them and joins them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

from callsheet.runtime import keys
from callsheet.runtime.engines.place import Place
from callsheet.spec.media import Artifact
from callsheet.spec.node import Made, Make, PartsAhead

USES: Final = "part"
"""What a part is called in keys and in the cache."""
FEWEST: Final = 2
"""Parts for which it is worth to ask others."""
SHARES: Final = 2
"""Tasks for each that an engine takes at once: so many that all slots are busy to the end, so few that
planning the film in each does not count."""


def part_key(what: Mapping[str, object]) -> str:
    """The key of a part."""
    return keys.digest({USES: what})


@runtime_checkable
class KeptParts(Protocol):
    """Parts that the store of a project has, by key."""

    def find(self, key: str) -> Artifact | None: ...
    def keep(self, key: str, made: Made) -> Artifact: ...


class Missing(Exception):
    """A job needs parts that were not given. keys: all of them."""

    def __init__(self, keys: Sequence[str]) -> None:
        super().__init__(f"{len(keys)} parts")
        self.keys = tuple(keys)


class PartsMade(Exception):
    """A job has made the parts that it was asked for, and nothing else."""


class WorkerParts:
    """The parts of one task. place: where they are. given: those that are there. asked: make only those with
    these keys; (): make what is missing; None: say what is missing. made: what was made, by key."""

    def __init__(self, place: Place, given: Mapping[str, Artifact], asked: Sequence[str] | None) -> None:
        self.given, self.made = given, dict[str, Artifact]()
        self._place, self._asked = place, asked

    def __call__(self, what: Mapping[str, object], make: Make) -> Path:
        """The file made of `what`. Raises what `make` raises, NodeError and StoreError."""
        key = part_key(what)
        part = self.given.get(key) or self.made.get(key)
        if part is None:
            part = self.made[key] = self._stored(make)
        return self._place.path(part.digest, part.path.suffix)

    def ahead(self, parts: PartsAhead) -> None:
        """See `Job.ahead`. Raises Missing, PartsMade, and as a call does."""
        if self._asked is None:
            lacking = list(
                dict.fromkeys(key for what, _ in parts() if (key := part_key(what)) not in self.given)
            )
            if len(lacking) >= FEWEST:
                raise Missing(lacking)
        elif self._asked:
            for what, make in parts():
                if part_key(what) in self._asked:
                    self(what, make)
            raise PartsMade

    def _stored(self, make: Make) -> Artifact:
        with self._place.workdir() as folder:
            path = folder() / "part.mp4"
            make(path)
            return self._place.keep(Made("video", path))


def shares(keys: Sequence[str], limit: int) -> list[Sequence[str]]:
    """The keys in as many tasks as suit an engine with this limit, neighbours apart: long clips often lie
    together."""
    count = max(1, min(len(keys), SHARES * limit))
    return [keys[i::count] for i in range(count)]
