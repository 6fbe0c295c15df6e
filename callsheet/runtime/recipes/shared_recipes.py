"""Recipes of git in the shared store of a team: kept there, a pin can be had when its repository is gone."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from callsheet.errors import InputError
from callsheet.runtime.lock.model import Recipe
from callsheet.runtime.recipes.cache import RecipeCache, tree_digest
from callsheet.runtime.recipes.git_fetch import MOST_TREE
from callsheet.runtime.recipes.packed_tree import pack, unpack
from callsheet.runtime.remote_store.backend import Unreachable
from callsheet.runtime.remote_store.backends import backend_at

MOST: Final = 2 * MOST_TREE


class SharedRecipes:
    """The recipes in the shared store at `location`, a folder or URL. Each lies there under its commit and
    the digest of its files; what is taken has that digest."""

    def __init__(self, location: str) -> None:
        self.backend = backend_at(location)

    def take(self, recipe: Recipe, folder: Path) -> None:
        """Write the files of `recipe` into the empty `folder`. Raises Missing, Unreachable, and InputError
        for what is not that recipe."""
        with tempfile.TemporaryDirectory(prefix="callsheet-recipe-") as name:
            file = Path(name) / "recipe.tar"
            size = 0
            with file.open("wb") as content:
                for piece in self.backend.read(name_of(recipe)):
                    size += len(piece)
                    if size > MOST:
                        raise InputError(f"{name_of(recipe)} is larger than {MOST >> 20} MiB")
                    content.write(piece)
            unpack(file, folder)
        if tree_digest(folder) != recipe.tree:
            raise InputError(
                f"{name_of(recipe)} in {self.backend.title} does not have the digest in the lock file"
            )

    def give(self, recipe: Recipe, folder: Path) -> None:
        """Put the files of `recipe`, which are in `folder`, into the store, unless it has them. Raises
        Unreachable."""
        with tempfile.TemporaryDirectory(prefix="callsheet-recipe-") as name:
            file = Path(name) / "recipe.tar"
            with file.open("wb") as content:
                pack(folder, content)
            self.backend.put(name_of(recipe), file)


def give_recipes(recipes: Iterable[Recipe], state: Path, location: str) -> str:
    """Put the recipes of a lock file that are under `state` into the shared store at `location`. Returns what
    is to be told when that fails, "" otherwise."""
    cache, known = RecipeCache(state), {recipe.commit: recipe for recipe in recipes}
    try:
        shared = SharedRecipes(location)
        for recipe in known.values():
            if cache.has(recipe.commit):
                shared.give(recipe, cache.folder(recipe.commit))
    except (Unreachable, OSError) as error:
        return f"recipes were not put into the shared store: {error}"
    return ""


def name_of(recipe: Recipe) -> str:
    """The name of the file that has the tree of a recipe."""
    return f"recipes/{recipe.commit[:2]}/{recipe.commit[2:]}-{recipe.tree}.tar"
