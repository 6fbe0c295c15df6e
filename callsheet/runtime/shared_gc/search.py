"""Finds files of a shared store that no film needs any more.

A file is needed if a film says so in the store (see `callsheet.runtime.remote_store.needs`), or a lock file
of this project does, on any branch or tag. What is younger than the limit stays, with everything that it
names, and so does what was put there before films said what they need.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.errors import InputError
from callsheet.runtime.remote_store import offer
from callsheet.runtime.remote_store.backend import MARK, Backend, Missing, SharedFile, Unreachable
from callsheet.runtime.remote_store.backends import backend_at
from callsheet.runtime.remote_store.needs import Need
from callsheet.runtime.remote_store.offer import Offer
from callsheet.runtime.remote_store.record import Refused
from callsheet.runtime.shared_gc.garbage import DAY, GoingFilm, Needing, SharedGarbage, SharedRules
from callsheet.runtime.shared_gc.names import SAYING, about, is_ours, turn
from callsheet.runtime.shared_gc.needed import needed_by_films, needed_here, require_known, texts_among
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

    Raises InputError for a store that cannot be read, for a text in it that is damaged, for a project to
    forget that it does not know, and where git does not show the lock files of other branches.
    """
    if rules.keep < DAY:
        raise InputError(
            "a file that is younger than a day may be on its way into a lock file", "say 1d or more"
        )
    backend = backend_at(location)
    try:
        return _searched(workspace, backend, [*backend.entries()], rules)
    except (Unreachable, Missing, Refused) as error:
        step = "name the place that your runs have as --store, and look whether it can be reached"
        raise InputError(f"the shared store cannot be searched: {error}", step) from error


def _searched(
    workspace: Workspace, backend: Backend, there: Sequence[SharedFile], rules: SharedRules
) -> SharedSearch:
    limit = _now(there, rules) - rules.keep
    require_known(there, rules.forget)
    counted, _ = texts_among(there, rules.forget, limit)
    ours = [entry for entry in there if is_ours(entry)]
    saying = [entry for entry in ours if entry.name.startswith(SAYING)]
    offers = _offers(backend, [entry.name for entry in saying if offer.key_in(entry.name)])
    needed = {*needed_here(workspace), *needed_by_films(counted, backend)}
    needed |= _kept_by(saying, backend, limit)
    needed |= _outputs(offers, needed)
    loose = [entry for entry in ours if not _is_young(entry, limit) and about(entry.name) not in needed]
    early = [] if rules.early else _early(loose, there)
    going = sorted({*loose} - {*early}, key=turn)
    return SharedSearch(
        _garbage(backend, there, going, early, offers, counted),
        backend,
        rules,
        limit,
        frozenset(need.name for need in counted),
        frozenset(entry.name for entry in saying),
    )


def _kept_by(saying: Iterable[SharedFile], backend: Backend, limit: float) -> set[str]:
    """What the young ones of these offers and records are about, and name."""
    young = [entry.name for entry in saying if _is_young(entry, limit)]
    return {*map(about, young), *named_by(backend, young)}


def _outputs(offers: Offers, needed: Container[str]) -> set[str]:
    """The outputs of needed keys, by digest."""
    found = (said for name, said in offers.items() if said is not None and about(name) in needed)
    return {digest for said in found for digest in said.made.outputs.values()}


def _early(loose: Iterable[SharedFile], there: Iterable[SharedFile]) -> list[SharedFile]:
    """Those that were put there before films said what they need."""
    since = next((entry.time for entry in there if entry.name == MARK), None)
    return [entry for entry in loose if since is None or (entry.time or 0) < since]


def _garbage(
    backend: Backend,
    there: Iterable[SharedFile],
    going: Sequence[SharedFile],
    early: Sequence[SharedFile],
    offers: Offers,
    counted: Iterable[Need],
) -> SharedGarbage:
    gone = {entry.name for entry in going}
    kept = [entry.size for entry in there if entry.name not in gone]
    return SharedGarbage(
        backend.title,
        tuple(going),
        tuple(_by_film(going, offers)),
        len(kept),
        sum(kept),
        len(early),
        sum(entry.size for entry in early),
        tuple(_projects(counted)),
    )


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
