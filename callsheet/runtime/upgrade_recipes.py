"""Pins recipes in git at the newest commit of their ref, and tells what that changes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.dsl.values.inputs import Files
from callsheet.errors import PipelineError
from callsheet.runtime.check import check
from callsheet.runtime.diff.changes import Changes
from callsheet.runtime.diff.compare import compare
from callsheet.runtime.diff.side import side_of
from callsheet.runtime.lock.author import signed_pin
from callsheet.runtime.recipe_changes import RecipeChange, recipe_changes
from callsheet.runtime.recipes.pinned import PinnedRecipes
from callsheet.runtime.recipes.upgrade import Reach, newest, pins_named, reach
from callsheet.runtime.workspace import Workspace
from callsheet.spec.document import Document


@dataclass(frozen=True, slots=True)
class PinnedCommit:
    """The commit of a recipe: the one in the lock file, and the newest."""

    pin: str
    old: str
    new: str

    @property
    def moved(self) -> bool:
        """Whether the two differ."""
        return self.old != self.new


@dataclass(frozen=True, slots=True)
class UpgradedRecipes(Document):
    """Recipes at their newest commits. path: the lock file. changed: whether it was written. before and
    after: what the pipeline asks for; before is None when it could not be checked as it was, after when
    nothing has moved. inside: pin → what differs in the recipes that the film uses. film: what differs in the
    film; None where it could not be checked as it was, or nothing has moved."""

    path: Path
    pins: tuple[PinnedCommit, ...]
    before: Reach | None
    after: Reach | None
    changed: bool
    inside: Mapping[str, tuple[RecipeChange, ...]]
    film: Changes | None


def upgrade_recipes(
    workspace: Workspace,
    file: Path,
    names: Sequence[str],
    sets: Mapping[str, str] | None = None,
    inputs: Files = None,
) -> UpgradedRecipes:
    """Pin the newest commit of each recipe, if the pipeline passes `check` with them.

    names: `recipes` for all, or `recipes/git+…@ref`. sets and inputs: as in `check`.
    Raises InputError for a recipe that is not pinned or cannot be fetched, PipelineError when the pipeline
    has errors with the new commits, StoreError.
    """
    lock_file = workspace.lock_file(file)
    lock = lock_file.lock
    now = {pin: newest(pin, workspace.state) for pin in pins_named(lock, names)}
    moved = {pin: recipe for pin, recipe in now.items() if recipe != lock.recipes[pin]}
    pins = tuple(PinnedCommit(pin, lock.recipes[pin].commit, now[pin].commit) for pin in now)
    pinned = PinnedRecipes(workspace, file, fetch="any")
    before = check(file, sets, inputs, recipes=pinned, workspace=workspace).graph if moved else None
    recipes = PinnedRecipes(workspace, file, instead=moved, fetch="any")
    checked = check(file, sets, inputs, recipes=recipes, workspace=workspace)
    if checked.graph is None:
        raise PipelineError(checked.diagnostics)
    for pin, recipe in moved.items():
        lock = lock.with_recipe(pin, signed_pin(recipe, file.parent))
    return UpgradedRecipes(
        lock_file.path,
        pins,
        before=reach(before) if before else None,
        after=reach(checked.graph) if moved else None,
        changed=lock_file.write(lock),
        inside={
            pin.pin: recipe_changes(pinned.files_of(pin.old), recipes.files_of(pin.new))
            for pin in pins
            if pin.moved
        },
        film=_compared(before, checked.graph) if before else None,
    )


def _compared(before: Graph, after: Graph) -> Changes:
    return compare(side_of("as pinned", before), side_of("upgraded", after))
