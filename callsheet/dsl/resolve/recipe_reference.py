"""The reference page of a recipe, as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.resolve.alternatives import is_alternative
from callsheet.dsl.resolve.choice import ChoiceSpec
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec, spec_of
from callsheet.dsl.resolve.recipe_files import SHIPPED, LocalRecipes, RecipeFile, Recipes, shipped
from callsheet.dsl.resolve.recipe_loader import RecipeLoader
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import to_data
from callsheet.errors import InputError, PipelineError
from callsheet.spec.node import Specs
from callsheet.spec.suggest import suggest
from callsheet.spec.types import Field, Type


@dataclass(frozen=True, slots=True)
class Parameter:
    """An input of a recipe. field: what it takes. deprecated: what to use instead, "" for nothing."""

    name: str
    field: Field
    description: str
    deprecated: str = ""


@dataclass(frozen=True, slots=True)
class RecipePage:
    """A recipe by what it is called in `uses`.

    models: the endpoints it asks, those of inner recipes too. nodes: those that ask models and may be
    overridden, as `override` names them → what they use. examples: name → input → value, as plain data.
    """

    uses: str
    description: str
    parameters: tuple[Parameter, ...]
    outputs: Mapping[str, Type]
    models: tuple[str, ...]
    version: str = ""
    requires: str = ""
    nodes: Mapping[str, str] = field(default_factory=dict)
    examples: Mapping[str, object] = field(default_factory=dict)


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
    return page_of(recipe_spec(uses, path, specs))


def page_of(spec: RecipeSpec) -> RecipePage:
    """The page of a recipe."""
    document = spec.recipe.document
    decls, head = document.inputs, document.head
    return RecipePage(
        spec.uses,
        spec.summary,
        tuple(Parameter(n, f, decls[n].description, decls[n].deprecated) for n, f in spec.inputs.items()),
        spec.outputs,
        tuple(dict.fromkeys(_models(spec.recipe))),
        head.version,
        head.requires,
        dict(_open_nodes(spec.recipe)),
        {name: to_data(values) for name, values in head.examples.items()},
    )


def _open_nodes(recipe: Recipe) -> Iterator[tuple[str, str]]:
    """The nodes that ask models and may be overridden: path → what it uses."""
    for path, uses in _model_nodes(recipe):
        if recipe.document.head.lets(path):
            yield path, uses


def _model_nodes(recipe: Recipe) -> Iterator[tuple[str, str]]:
    for name, spec in recipe.resolved.specs.items():
        if isinstance(spec, RecipeSpec):
            yield from ((f"{name}/{path}", uses) for path, uses in _open_nodes(spec.recipe))
        elif spec.provider != "local" and not is_alternative(name):
            yield name, spec.uses


def recipe_spec(
    uses: str, path: Path, specs: Specs, recipes: Recipes | None = None, origin: Origin | None = None
) -> RecipeSpec:
    """The recipe in the file at `path` as something to use. recipes: finds those that it uses; None for those
    on this machine. origin: which files it may name; None for those in its folder.

    Raises PipelineError when it cannot be read.
    """
    report, loader = Report(), RecipeLoader(specs, recipes or LocalRecipes(), Given())
    file = RecipeFile(path, origin or Origin(path.parent, path.parent))
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
