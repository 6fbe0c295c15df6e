"""The models that can be used: searched, compared, priced, and kept up to date in a project; and recipes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Unpack, cast

from callsheet.api.given import Place, allowing, project_at
from callsheet.dsl.resolve.recipe_reference import RecipePage, shipped_recipe, shipped_recipes
from callsheet.errors import InputError, PipelineError
from callsheet.nodes.registry import Registry
from callsheet.runtime import fitting_models as fitting
from callsheet.runtime import model_documents as documents
from callsheet.runtime import models as searching
from callsheet.runtime import sync_models as syncing
from callsheet.runtime.fitting_models import Fit, Setting
from callsheet.runtime.model_documents import Document as ModelDocument
from callsheet.runtime.model_documents import Drifts
from callsheet.runtime.models import Model
from callsheet.runtime.outdated_recipes import PinState
from callsheet.runtime.outdated_recipes import outdated_recipes as outdated
from callsheet.runtime.project_registry import priced_registry
from callsheet.runtime.recipe_pages import DescribedRecipe, described, opened_source
from callsheet.runtime.recipe_tests.outcome import RecipeOutcome, outcome_of, recipes_in
from callsheet.runtime.sync_models import Synced
from callsheet.spec.document import Document
from callsheet.spec.json_documents import ModelPageJson


@dataclass(frozen=True, slots=True)
class Models(Document):
    """Models that match, the most used first."""

    models: tuple[Model, ...]


@dataclass(frozen=True, slots=True)
class ModelPage:
    """Everything that is known of a model. model: as JSON values."""

    model: Mapping[str, Any]

    def to_json(self) -> ModelPageJson:
        """As `callsheet models show --json` prints it."""
        page: Any = {"version": 1, **self.model}
        return cast(ModelPageJson, page)


@dataclass(frozen=True, slots=True)
class Fits(Document):
    """Models at the same setting, with the price of one call."""

    fits: tuple[Fit, ...]


@dataclass(frozen=True, slots=True)
class ModelDocuments(Document):
    """Descriptions of endpoints in models/."""

    documents: tuple[ModelDocument, ...]


@dataclass(frozen=True, slots=True)
class ModelDrifts(Document):
    """How the catalogue, models/ and the live documents differ."""

    models: tuple[Drifts, ...]

    @property
    def drifted(self) -> bool:
        """Whether a live document differs from what is known here."""
        return any(model.drifted for model in self.models)


@dataclass(frozen=True, slots=True)
class Recipes(Document):
    """Recipes with their inputs, outputs and models."""

    recipes: tuple[RecipePage, ...]


@dataclass(frozen=True, slots=True)
class DescribedRecipes(Document):
    """The recipes of a folder or a repository. wrong: what is wrong with those that cannot be read."""

    recipes: tuple[DescribedRecipe, ...]
    wrong: tuple[PipelineError, ...]


@dataclass(frozen=True, slots=True)
class PinnedRecipes(Document):
    """The recipes from git that films pin, and whether there are newer ones."""

    recipes: tuple[PinState, ...]


@dataclass(frozen=True, slots=True)
class TestedRecipes(Document):
    """What the tests of recipes found. ok: whether all passed."""

    ok: bool
    recipes: tuple[RecipeOutcome, ...]


@contextmanager
def _registry(place: Place) -> Iterator[Registry]:
    """All models, with the prices that the project states. Raises PipelineError for mistakes in them."""
    with project_at(place) as workspace:
        yield priced_registry(workspace)


def models(query: str = "", task: str = "", **place: Unpack[Place]) -> Models:
    """Models that match, the most used first. `callsheet models`.

    query: words. task: only this one, such as image-to-video. place: see `Place`.
    """
    with _registry(place) as registry:
        return Models(tuple(searching.models(registry, query, task)))


def model(uses: str, **place: Unpack[Place]) -> ModelPage:
    """A model with its parameters, outputs and prices. `callsheet models show`.

    place: see `Place`. Raises InputError for a model that does not exist.
    """
    with _registry(place) as registry:
        return ModelPage(searching.model(registry, uses))


def models_for(
    task: str,
    seconds: float | None = None,
    audio: bool | None = None,
    max_usd: float | None = None,
    **place: Unpack[Place],
) -> Fits:
    """The current models that can do what is asked, with the price of a call. `callsheet models --for`.

    task: such as image-to-video. seconds: of the result, at least. audio: with sound, or without; None for
    either. max_usd: USD for a call, at most. place: see `Place`.
    """
    with _registry(place) as registry:
        return Fits(tuple(fitting.fitting(registry, task, Setting(seconds, audio, max_usd))))


def prices(
    *uses: str,
    seconds: float | None = None,
    audio: bool | None = None,
    max_usd: float | None = None,
    **place: Unpack[Place],
) -> Fits:
    """What one call of each of these models costs, and what it gives. `callsheet models compare`.

    The parameters are those of `models_for`. Raises InputError for a model that does not exist.
    """
    if not uses:
        raise InputError("compare which models?", "callsheet models compare ID ID --seconds 8")
    with _registry(place) as registry:
        return Fits(tuple(fitting.side_by_side(registry, uses, Setting(seconds, audio, max_usd))))


def models_add(*endpoints: str, **place: Unpack[Place]) -> ModelDocuments:
    """Write the live document of each endpoint into models/. `callsheet models add`.

    place: see `Place`. Raises InputError when one cannot be fetched or read, StoreError.
    """
    with _registry(place) as registry:
        return ModelDocuments(tuple(documents.add_models(registry, tuple(dict.fromkeys(endpoints)))))


def models_diff(*endpoints: str, offline: bool = False, **place: Unpack[Place]) -> ModelDrifts:
    """How the catalogue, models/ and the live documents differ. `callsheet models diff`.

    endpoints: all of models/ when none is named. offline: do not fetch the live documents. place: see
    `Place`. Raises InputError when there is nothing to compare.
    """
    with _registry(place) as registry:
        asked = tuple(dict.fromkeys(endpoints))
        return ModelDrifts(tuple(documents.compare_models(registry, asked, live=not offline)))


def models_sync(*only: str, dry_run: bool = False, **place: Unpack[Place]) -> Synced:
    """Bring models/ up to the provider's list of today. `callsheet models sync`.

    only: patterns, such as fal-ai/kling*. dry_run: write nothing. place: see `Place`. Raises InputError,
    StoreError.
    """
    with project_at(place) as workspace:
        return syncing.sync_models(priced_registry(workspace), workspace, only, dry_run)


def recipes() -> Recipes:
    """The recipes that ship with callsheet. `callsheet recipes`."""
    return Recipes(tuple(shipped_recipes(Registry())))


def recipe(name: str) -> Recipes:
    """One of the recipes that ship. `callsheet recipes NAME`. Raises InputError for an unknown one."""
    return Recipes((shipped_recipe(name, Registry()),))


def recipes_of(source: str | Path, fetch: bool = False) -> DescribedRecipes:
    """The recipes in a file, a folder, or a repository `git+https://host/repository@ref`, which is
    downloaded, looked at and thrown away; with the prices of their examples. `callsheet recipes PATH`.

    fetch: fetch recipes from git that they use and that are not here. Raises InputError where there are
    none, PipelineError where none can be read.
    """
    with allowing({"fetch": fetch}), opened_source(str(source)) as (path, prefix):
        found, wrong = described(path, prefix)
    return DescribedRecipes(tuple(found), tuple(wrong))


def outdated_recipes(*films: str | Path, **place: Unpack[Place]) -> PinnedRecipes:
    """Which recipes from git have a newer commit or version than films pin. `callsheet recipes outdated`.

    films: all films of the project when none is named. place: see `Place`. Raises InputError, PipelineError.
    """
    files = tuple(map(Path, films))
    if files and "project" not in place:
        place = {**place, "project": files[0].parent}
    with project_at(place) as workspace:
        return PinnedRecipes(outdated(workspace, files))


def test_recipes(
    *paths: str | Path, update: bool = False, preview: bool = True, fetch: bool = False, trust: bool = False
) -> TestedRecipes:
    """Check each example of recipes, compare it with its golden plan, and preview it. `callsheet test`.

    paths: recipes, or folders with recipes; the current folder when none is named. update: write the golden
    plans as they are now. preview: False only checks and compares. fetch, trust: see `Given`. Raises
    InputError where there are none.
    """
    with allowing({"fetch": fetch}, trust=trust or None):
        found = recipes_in(tuple(map(Path, paths)) or (Path(),))
        outcomes = tuple(outcome_of(path, update, preview) for path in found)
    return TestedRecipes(all(outcome.ok for outcome in outcomes), outcomes)
