"""The reference page of a recipe, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.resolve.choice import ChoiceSpec
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec, spec_of
from callsheet.dsl.resolve.recipe_files import SHIPPED, LocalRecipes, RecipeFile, shipped
from callsheet.dsl.resolve.recipe_loader import RecipeLoader
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.origin import Origin
from callsheet.errors import InputError, PipelineError
from callsheet.spec.node import Specs
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Field, Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of a recipe. field: what it takes."""

    name: str
    field: Field
    description: str


@dataclass(frozen=True, slots=True)
class RecipePage:
    """A recipe by what it is called in `uses`. models: the endpoints it asks, those of inner recipes too."""

    uses: str
    description: str
    parameters: tuple[Parameter, ...]
    outputs: Mapping[str, Type]
    models: tuple[str, ...]


def shipped_recipes(specs: Specs) -> list[RecipePage]:
    """The pages of all shipped recipes, sorted by name."""
    return [recipe_page(uses, path, specs) for uses, path in shipped().items()]


def shipped_recipe(name: str, specs: Specs) -> RecipePage:
    """The page of the shipped recipe called `name`, as `storyboard` or as `recipe/storyboard`.

    Raises InputError when there is none.
    """
    known = shipped()
    uses = name if name.startswith(SHIPPED) else SHIPPED + name
    if uses not in known:
        raise InputError(f"there is no shipped recipe called {name}", suggest(uses, known, "recipes"))
    return recipe_page(uses, known[uses], specs)


def recipe_page(uses: str, path: Path, specs: Specs) -> RecipePage:
    """The page of the recipe in the file at `path`. Raises PipelineError when it cannot be read."""
    spec = recipe_spec(uses, path, specs)
    decls = spec.recipe.document.inputs
    return RecipePage(
        uses,
        spec.summary,
        tuple(Parameter(name, f, decls[name].description) for name, f in spec.inputs.items()),
        spec.outputs,
        tuple(dict.fromkeys(_models(spec.recipe))),
    )


def recipe_spec(uses: str, path: Path, specs: Specs) -> RecipeSpec:
    """The recipe in the file at `path` as something to use. Raises PipelineError when it cannot be read."""
    report, loader = Report(), RecipeLoader(specs, LocalRecipes(), Given())
    file = RecipeFile(path, Origin(path.parent, path.parent))
    recipe = loader.load(file, Report(), report)
    if recipe is None or report.failed:
        raise PipelineError(report.sorted())
    return spec_of(uses, recipe)


def _models(recipe: Recipe) -> Iterator[str]:
    for spec in recipe.resolved.specs.values():
        if isinstance(spec, RecipeSpec):
            yield from _models(spec.recipe)
        elif isinstance(spec, ChoiceSpec):
            yield from spec.options
        elif spec.provider != "local":
            yield spec.uses
