"""Moves pins of recipes to the newest commits, and says what the newer recipes do that the old did not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime.lock.model import Lock, Recipe
from callsheet.runtime.plan.draft import draft
from callsheet.runtime.recipes.cache import FOLDER, RecipeCache, tree_digest
from callsheet.runtime.recipes.git_fetch import Remote
from callsheet.runtime.recipes.git_url import GitUse, at_pin
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import suggest
from callsheet.spec.values import LocalFile, leaves

SECTION: Final = "recipes"


def pins_named(lock: Lock, names: Sequence[str]) -> list[str]:
    """The pins of a lock that a user names: `recipes` for all, `recipes/git+…@ref`, or a whole `uses`.

    Raises InputError for an unknown one.
    """
    found: dict[str, None] = {}
    for name in names:
        pin = name.removeprefix(f"{SECTION}/").partition("#")[0]
        if name.rstrip("/") == SECTION:
            found.update(dict.fromkeys(lock.recipes))
        elif pin in lock.recipes:
            found[pin] = None
        else:
            raise InputError(f"the lock pins no recipe {pin}", suggest(pin, lock.recipes, "recipes"))
    return list(found)


def newest(pin: str, state: Path) -> Recipe:
    """The newest commit of a pin's ref, fetched. Raises InputError."""
    use = at_pin(pin)
    if isinstance(use, Problem):
        raise InputError(f"{pin}: {use.message}", use.help)
    return _fetched(use, RecipeCache(state))


def _fetched(use: GitUse, cache: RecipeCache) -> Recipe:
    remote = Remote(use)
    commit = remote.commit()
    if not cache.has(commit):
        cache.make(commit, partial(remote.fetch, commit))
    return Recipe(commit, tree_digest(cache.folder(commit)))


@dataclass(frozen=True, slots=True)
class Reach:
    """The endpoints that a pipeline calls, and the files of its recipes that it sends there. usd: its
    price."""

    endpoints: frozenset[str]
    files: frozenset[str]
    usd: float
    unpriced: int


def reach(graph: Graph) -> Reach:
    """The endpoints and files of `graph`."""
    work = draft(graph, facts_of)
    return Reach(
        frozenset(i.spec.uses for i in graph.instances.values() if i.spec.provider != "local"),
        frozenset(_inside(f.path) for i in graph.instances.values() for f in leaves(i.params, LocalFile)),
        work.usd,
        work.unpriced,
    )


def _inside(path: Path) -> str:
    """The path inside a recipe's tree, so that a file has the same name in two commits."""
    parts = path.as_posix().split(f"/{FOLDER}/")
    return parts[-1].partition("/")[2] if len(parts) > 1 else path.as_posix()
