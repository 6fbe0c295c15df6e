"""Finds files of a shared store that no film needs any more.

A file is needed if a film says so in the store (see `callsheet.runtime.remote_store.needs`), or a lock file
of this project does, on any branch or tag. What is younger than the limit stays, with everything that it
names, and so does what was put there before films said what they need.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.errors import InputError
from callsheet.runtime.remote_store import offer
from callsheet.runtime.remote_store.backend import MARK, Backend, Missing, SharedFile, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.needs import Need, counting, needs_in
from callsheet.runtime.remote_store.offer import Offer
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.shared_gc.garbage import DAY, GoingFilm, Needing, SharedGarbage, SharedRules
from callsheet.runtime.shared_gc.names import SAYING, about, is_ours, turn
from callsheet.runtime.shared_gc.needed import is_forgotten, needed_by_films, needed_here, require_known
from callsheet.runtime.shared_gc.texts import named_by, texts
from callsheet.runtime.workspace import Workspace

Offers = Mapping[str, Offer | None]
"""Every offer by its name; None for one that cannot be read."""


@dataclass(frozen=True, slots=True)
class SharedSearch:
    """A search, and what it takes to remove what it found. counted: the names of the texts that counted.
    named: those of the offers and records that were there."""

    garbage: SharedGarbage
    backend: Backend
    rules: SharedRules
    limit: float
    counted: frozenset[str]
    named: frozenset[str]


def find_shared_garbage(workspace: Workspace, location: str, rules: SharedRules) -> SharedSearch:
    """The files of the store at `location` that nothing needs. Changes nothing.

    Raises InputError for a store that cannot be read, for a text in it that is damaged, and for a project to
    forget that it does not know.
    """
    if rules.keep < DAY:
        raise InputError(
            "a file that is younger than a day may be on its way into a lock file", "say 1d or more"
        )
    backend = backend_at(location)
    try:
        return _searched(workspace, backend, [*backend.entries()], rules)
    except (Unreachable, Missing, Refused) as error:
        raise InputError(f"the shared store cannot be searched: {error}") from error


def _searched(
    workspace: Workspace, backend: Backend, there: Sequence[SharedFile], rules: SharedRules
) -> SharedSearch:
    limit = _now(there, rules) - rules.keep
    require_known(needs_in(there), rules.forget)
    counted, _ = counting((need for need in needs_in(there) if not is_forgotten(need, rules.forget)), limit)
    needed = {*needed_here(workspace), *needed_by_films(counted, backend)}
    ours = [entry for entry in there if is_ours(entry)]
    saying = [entry for entry in ours if entry.name.startswith(SAYING)]
    young = [entry.name for entry in saying if _is_young(entry, limit)]
    needed |= {*map(about, young), *named_by(backend, young)}
    offers = _offers(backend, [entry.name for entry in saying if offer.key_in(entry.name)])
    for name, said in offers.items():
        needed |= {*said.made.outputs.values()} if said is not None and about(name) in needed else set()
    loose = [entry for entry in ours if not _is_young(entry, limit) and about(entry.name) not in needed]
    since = next((entry.time for entry in there if entry.name == MARK), None)
    early = [] if rules.early else [entry for entry in loose if since is None or (entry.time or 0) < since]
    before = {entry.name for entry in early}
    going = sorted((entry for entry in loose if entry.name not in before), key=turn)
    gone = {entry.name for entry in going}
    kept = [entry.size for entry in there if entry.name not in gone]
    garbage = SharedGarbage(
        backend.title,
        tuple(going),
        tuple(_by_film(going, offers)),
        len(kept),
        sum(kept),
        len(early),
        sum(entry.size for entry in early),
        tuple(_projects(counted)),
    )
    names = (frozenset(need.name for need in counted), frozenset(entry.name for entry in saying))
    return SharedSearch(garbage, backend, rules, limit, *names)


def _now(there: Iterable[SharedFile], rules: SharedRules) -> float:
    """The time by the clock that makes everything the youngest: this machine's may be ahead."""
    if rules.now is not None:
        return rules.now
    return min([time.time(), max((e.time for e in there if e.time is not None), default=time.time())])


def _is_young(entry: SharedFile, limit: float) -> bool:
    return entry.time is None or entry.time >= limit


def _offers(backend: Backend, names: Sequence[str]) -> Offers:
    found: dict[str, Offer | None] = {}
    for name, text in zip(names, texts(backend, names), strict=True):
        try:
            found[name] = offer.offer_in(text, offer.key_in(name))
        except Refused:
            found[name] = None
    return found


def _by_film(going: Sequence[SharedFile], offers: Offers) -> Iterator[GoingFilm]:
    """The most expensive first."""
    film_of: dict[str, str] = {}
    bought: dict[str, list[Offer]] = defaultdict(list)
    for entry in going:
        said = offers.get(entry.name)
        if said is not None:
            bought[said.film].append(said)
            film_of |= dict.fromkeys((said.made.key, *said.made.outputs.values()), said.film)
    files: dict[str, list[int]] = defaultdict(list)
    for entry in going:
        files[film_of.get(about(entry.name), "")].append(entry.size)
    found = (
        GoingFilm(
            film,
            len(sizes),
            sum(sizes),
            sum(said.made.usd or 0.0 for said in bought[film]),
            max((said.at for said in bought[film]), default=""),
        )
        for film, sizes in files.items()
    )
    yield from sorted(found, key=lambda one: (-one.usd, -one.size, one.film))


def _projects(needs: Iterable[Need]) -> Iterator[Needing]:
    found: dict[tuple[str, str], dict[str, float | None]] = defaultdict(dict)
    for need in needs:
        project, branch, _ = need.shown
        found[project, branch][need.film] = need.time
    for (project, branch), films in sorted(found.items()):
        times = [at for at in films.values() if at is not None]
        yield Needing(project, branch, len(films), max(times, default=None))
