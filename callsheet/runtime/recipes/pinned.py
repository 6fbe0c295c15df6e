"""Finds recipes, those in git by their pins in the lock file; the network is used only for missing ones."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.dsl.resolve.recipe_files import GIT, SHIPPED, LocalRecipes, RecipeFile
from callsheet.dsl.values.origin import Origin
from callsheet.errors import CallsheetError, PipelineError
from callsheet.runtime.recipes.its_models import with_its_models
from callsheet.runtime.workspace import Workspace
from callsheet.spec import shell
from callsheet.spec.permissions import PERMISSIONS, Fetch
from callsheet.spec.rules import recipes as rules
from callsheet.spec.rules.rule import Problem

if TYPE_CHECKING:
    from callsheet.runtime.lock.lock_file import LockFile
    from callsheet.runtime.lock.model import Recipe
    from callsheet.runtime.recipes.cache import RecipeCache
    from callsheet.runtime.recipes.git_url import GitUse


SOURCE: Final = re.compile(rf"{SHIPPED}(?P<name>[^/]+)/(?P<path>.+)", re.DOTALL)
"""A recipe of a place that the project has a short name for."""


class Refused(Exception):
    """A recipe may not be used. problem: why."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@dataclass(slots=True)
class PinnedRecipes:
    """Recipes for the file `pipeline`. instead: pins that override those of its lock file.

    What is pinned and on this machine needs no network. Anything else is fetched only as far as `fetch`
    allows (None: the permissions of the command), or comes from the shared store. A ref without a pin is
    pinned when it is fetched. A tree that is fetched for a pin must have the digest of the pin. moved: pins
    whose ref was found to be another commit now. store: the shared store of the project, "" for the one that
    the person named. found: the files of recipes that were looked up. sources: the project's short names for
    places with recipes, once they were needed.
    """

    workspace: Workspace
    pipeline: Path
    instead: dict[str, Recipe] = field(default_factory=dict)
    local: LocalRecipes = field(default_factory=LocalRecipes)
    known: dict[str, Recipe] | None = None
    sound: set[tuple[str, str]] = field(default_factory=set)
    fetch: Fetch | None = None
    moved: dict[str, Problem] = field(default_factory=dict)
    store: str = ""
    found: list[Path] = field(default_factory=list)
    sources: Mapping[str, str] | None = None

    def find(self, uses: str, origin: Origin) -> RecipeFile | Problem:
        """See `Recipes`."""
        file = self._find(uses, origin)
        if isinstance(file, Problem):
            return file
        self.found.append(file.path)
        return with_its_models(file)

    def files_of(self, commit: str) -> dict[str, Path]:
        """The recipes of a commit that were looked up, by their path in the repository."""
        from callsheet.runtime.recipes.cache import RecipeCache

        top = RecipeCache(self.workspace.state).folder(commit).resolve()
        paths = [path.resolve() for path in self.found]
        return {p.relative_to(top).as_posix(): p for p in paths if p.is_relative_to(top)}

    def _find(self, uses: str, origin: Origin) -> RecipeFile | Problem:
        if not origin.foreign and (source := SOURCE.match(uses)) is not None:
            uses = self._at_its_source(source) or uses
        if not uses.startswith(GIT):
            return self.local.find(uses, origin)
        from callsheet.runtime.recipes.git_url import named

        use = named(uses, origin.foreign)
        if isinstance(use, Problem):
            return use
        try:
            folder = self._tree(use)
        except Refused as error:
            return error.problem
        except PipelineError:
            return rules.recipe_not_fetched("the lock file that pins it has errors", "see the errors there")
        except CallsheetError as error:
            return rules.recipe_not_fetched(error.message, error.next_step)
        path = folder / use.path
        if not path.is_file():
            names = [p.relative_to(folder).as_posix() for p in folder.rglob("*.y*ml")]
            return rules.no_file_in_repository(use.pin, use.path, names)
        inside = replace(origin, base=path.parent, root=folder, foreign=True)
        return RecipeFile(path, inside, self.moved.get(use.pin))

    def _at_its_source(self, source: re.Match[str]) -> str:
        """`recipe/house/shot.yaml` → the file where `house` is; "" where the project has no such name."""
        if self.sources is None:
            from callsheet.runtime.settings import settings_of

            self.sources = settings_of(self.pipeline).recipes
        place = self.sources.get(source["name"], "")
        if place.startswith(GIT):
            return f"{place}#{source['path']}"
        return str(self.workspace.root.absolute() / place / source["path"]) if place else ""

    def _tree(self, use: GitUse) -> Path:
        """The folder with the files of the pinned commit. Raises Refused, CallsheetError."""
        from callsheet.runtime.lock.model import Recipe
        from callsheet.runtime.recipes.cache import RecipeCache, tree_digest
        from callsheet.runtime.recipes.git_fetch import Remote

        cache, pin = RecipeCache(self.workspace.state), self._pins().get(use.pin)
        if pin is None:
            self._permitted(use, pinned=False)
            commit = Remote(use).commit()
            if not cache.has(commit):
                cache.make(commit, partial(Remote(use).fetch, commit))
            pin = Recipe(commit, tree_digest(cache.folder(commit)))
            self._keep(use.pin, pin)
        elif not cache.has(pin.commit):
            self._bring(use, pin, cache)
        folder = cache.folder(pin.commit)
        if (pin.commit, pin.tree) not in self.sound and tree_digest(folder) != pin.tree:
            raise Refused(rules.recipe_changed(folder, use.pin))
        self.sound.add((pin.commit, pin.tree))
        return folder

    def _bring(self, use: GitUse, pin: Recipe, cache: RecipeCache) -> None:
        """Get what is pinned: from the repository by its hash or from its history, else from the shared
        store. Raises Refused, CallsheetError."""
        from callsheet.runtime.recipes.git_fetch import RefusedError, Remote

        try:
            self._permitted(use, pinned=True)
            cache.make(pin.commit, partial(Remote(use).fetch, pin.commit))
        except (Refused, RefusedError):
            if not self._taken(pin, cache):
                raise
        else:
            self._warn_if_moved(use, pin)

    def _taken(self, pin: Recipe, cache: RecipeCache) -> bool:
        """Whether the shared store gave what is pinned."""
        location = self.store or PERMISSIONS.get().store_place
        if not location:
            return False
        from callsheet.runtime.recipes.shared_recipes import SharedRecipes
        from callsheet.runtime.remote_store.backend import Missing, Unreachable

        try:
            cache.make(pin.commit, partial(SharedRecipes(location).take, pin))
        except (Missing, Unreachable):
            return False
        return True

    def _warn_if_moved(self, use: GitUse, pin: Recipe) -> None:
        """Note that the ref of a pinned recipe is another commit now, or gone."""
        from callsheet.runtime.recipes.git_fetch import RefusedError, Remote

        try:
            now = Remote(use).commit()
        except RefusedError:
            now = ""
        if now != pin.commit:
            upgrade = _upgrade(use, self.pipeline)
            self.moved[use.pin] = rules.recipe_moved(use.ref, pin.commit[:12], now[:12], upgrade)

    def _permitted(self, use: GitUse, pinned: bool) -> None:
        """Raises Refused when the recipe may not be fetched."""
        fetch = self.fetch or PERMISSIONS.get().fetch
        if fetch == "none" or (fetch == "pinned" and not pinned):
            raise Refused(rules.recipe_not_here(use.pin, use.host))

    def _pins(self) -> dict[str, Recipe]:
        if self.known is None:
            self.known = {**self._lock_file().lock.recipes, **self.instead}
        return self.known

    def _keep(self, pin: str, recipe: Recipe) -> None:
        self._pins()[pin] = recipe
        from callsheet.runtime.lock.author import signed_pin

        file = self._lock_file()
        file.write(file.lock.with_recipe(pin, signed_pin(recipe, self.pipeline.parent)))

    def _lock_file(self) -> LockFile:
        return self.workspace.lock_file(self.pipeline)


def _upgrade(use: GitUse, pipeline: Path) -> str:
    return shell.command(["callsheet", "lock", pipeline.name, "--upgrade", f"recipes/{use.pin}"])
