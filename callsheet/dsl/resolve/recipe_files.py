"""Finds recipe files: beside the file that uses them, and among those that ship with callsheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from callsheet.dsl.values.media_files import is_hidden, is_outside
from callsheet.dsl.values.origin import Origin
from callsheet.spec.rules import recipes as rules
from callsheet.spec.rules.rule import Problem
from callsheet.spec.suggest import nearest

SHIPPED: Final = "recipe/"
GIT: Final = "git+"


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """A recipe on this machine. origin: which files it may name. warning: what is to be said of it."""

    path: Path
    origin: Origin
    warning: Problem | None = None


class Recipes(Protocol):
    """Finds recipe files: only on this machine, or in git as well."""

    def find(self, uses: str, origin: Origin) -> RecipeFile | Problem:
        """The file that `uses` means in a file of `origin`, or why there is none."""
        ...


class LocalRecipes:
    """Recipes that need no network."""

    def find(self, uses: str, origin: Origin) -> RecipeFile | Problem:
        if uses.startswith(SHIPPED):
            return _shipped(uses, origin)
        if uses.startswith(GIT):
            return rules.git_not_used_here()
        return _beside(uses, origin)


def shipped() -> dict[str, Path]:
    """`uses` → file, of the recipes that come with callsheet."""
    folder = Path(__file__).parents[2] / "recipes"
    return {SHIPPED + path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _shipped(uses: str, origin: Origin) -> RecipeFile | Problem:
    known = shipped()
    if uses.count("/") > 1:
        rule = rules.source_name_from_elsewhere if origin.foreign else rules.unknown_recipe_source
        return rule(uses)
    if (path := known.get(uses)) is None:
        return rules.unknown_shipped_recipe(uses, known)
    return RecipeFile(path, replace(origin, base=path.parent, root=path.parent, foreign=False, models=None))


def _beside(uses: str, origin: Origin) -> RecipeFile | Problem:
    path = origin.base / uses
    try:
        if is_outside(path, origin.root):
            foreign = origin.foreign
            return (rules.recipe_outside_recipe if foreign else rules.recipe_outside_project)(uses)
        if is_hidden(path, origin.root):
            return rules.hidden_recipe(uses)
        if path.is_file():
            return RecipeFile(path, replace(origin, base=path.parent))
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError as error:
        return rules.recipe_not_seen(uses, error)
    return rules.no_recipe_file(path, origin.base, nearest(path.name, names))
