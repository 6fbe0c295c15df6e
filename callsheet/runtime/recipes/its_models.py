"""The models that came with a recipe, described in `models/` beside its file or above it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.dsl.resolve.recipe_files import RecipeFile

FOLDER: Final = "models"


def with_its_models(file: RecipeFile) -> RecipeFile:
    """The recipe with these models. Without such a folder, nothing is loaded that reads one."""
    folders = [place / FOLDER for place in _above(file) if (place / FOLDER).is_dir()]
    if not folders:
        return replace(file, origin=replace(file.origin, models=None))
    from callsheet.nodes.recipe_models import RecipeModels

    return replace(file, origin=replace(file.origin, models=RecipeModels(folders)))


def _above(file: RecipeFile) -> Iterator[Path]:
    """Its folder and those above it, as far as they came with it; not the root of the user's project."""
    root = file.origin.root
    if root is None:
        return
    place, last = file.path.parent.resolve(), root.resolve()
    while place != last and place.is_relative_to(last):
        yield place
        place = place.parent
    if file.origin.foreign and place == last:
        yield place
