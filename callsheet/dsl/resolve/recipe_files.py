"""Where recipes are: files beside the one that uses them, and those that ship with callsheet."""

from __future__ import annotations

from dataclasses import dataclass, replace
from importlib.resources import files
from pathlib import Path
from typing import Final, Protocol

from callsheet.dsl.values.media_files import is_outside
from callsheet.dsl.values.origin import Origin
from callsheet.spec.suggest import nearest, suggest

SHIPPED: Final = "recipe/"
GIT: Final = "git+"


@dataclass(frozen=True, slots=True)
class RecipeFile:
    """A recipe on this machine. origin: which files it may name."""

    path: Path
    origin: Origin


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no such recipe, and what to do."""

    code: str
    message: str
    help: str = ""


class Recipes(Protocol):
    """Where a recipe is looked up: on this machine, or in git as well."""

    def find(self, uses: str, origin: Origin) -> RecipeFile | Refusal:
        """The file that `uses` means in a file of `origin`."""
        ...


class LocalRecipes:
    """Recipes that need no network."""

    def find(self, uses: str, origin: Origin) -> RecipeFile | Refusal:
        if uses.startswith(SHIPPED):
            return _shipped(uses, origin)
        if uses.startswith(GIT):
            return Refusal("recipe-git", "recipes in git are not fetched here", "copy it into the project")
        return _beside(uses, origin)


def shipped() -> dict[str, Path]:
    """`uses` → file, of the recipes that come with callsheet."""
    folder = Path(str(files("callsheet") / "recipes"))
    return {SHIPPED + path.stem: path for path in sorted(folder.glob("*.yaml"))}


def _shipped(uses: str, origin: Origin) -> RecipeFile | Refusal:
    known = shipped()
    if (path := known.get(uses)) is None:
        hint = suggest(uses, known) or f"there are {', '.join(known)}"
        return Refusal("recipe-missing", f"no recipe that ships with callsheet is called `{uses}`", hint)
    return RecipeFile(path, replace(origin, base=path.parent, root=path.parent, foreign=False))


def _beside(uses: str, origin: Origin) -> RecipeFile | Refusal:
    path = origin.base / uses
    try:
        if is_outside(path, origin.root):
            return _outside(uses, origin)
        if path.is_file():
            return RecipeFile(path, replace(origin, base=path.parent))
        names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    except OSError as error:
        return Refusal("recipe-missing", f"cannot look at {uses!r}: {error}")
    guess = nearest(path.name, names)
    hint = f"did you mean `{guess}`?" if guess else f"paths start at {origin.base}"
    return Refusal("recipe-missing", f"there is no file {path}", hint)


def _outside(uses: str, origin: Origin) -> Refusal:
    if origin.foreign:
        message = f"{uses} lies outside of what came with this recipe"
        return Refusal("recipe-missing", message, "a recipe from elsewhere uses what lies beside it")
    message = f"{uses} lies outside the project"
    return Refusal("recipe-missing", message, "copy it into the project, or run from its top")
