"""Tests a recipe: each of its examples is checked, compared with the golden plan, and previewed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.errors import InputError
from callsheet.runtime.recipe_tests.example import CheckedExample, checked, failures, opened, previewed
from callsheet.runtime.recipe_tests.golden import (
    Blocks,
    blocks_of,
    differences,
    golden_path,
    read_golden,
    written,
)
from callsheet.runtime.store import atomic as disk
from callsheet.spec.pipeline_files import pipelines_below


@dataclass(frozen=True, slots=True)
class ExampleOutcome:
    """The outcome of one example.

    instances: how many it has; None where it has errors. diagnostics: errors and warnings. difference: from
    the golden plan, in lines; None where that does not have it. failed: what went wrong in the preview; None
    where nothing was previewed.
    """

    name: str
    instances: int | None
    diagnostics: tuple[Diagnostic, ...]
    difference: tuple[str, ...] | None
    failed: tuple[str, ...] | None

    @property
    def ok(self) -> bool:
        """Whether it is right, as it was, and could be previewed."""
        return self.instances is not None and self.difference == () and not self.failed


@dataclass(frozen=True, slots=True)
class RecipeOutcome:
    """The outcome of a recipe. problem: why it cannot be tested, and the next step; None where it can.
    gone: examples that only the golden plan has. written: whether the golden plan was written."""

    path: Path
    version: str
    examples: tuple[ExampleOutcome, ...] = ()
    problem: tuple[str, str] | None = None
    diagnostics: tuple[Diagnostic, ...] = ()
    gone: tuple[str, ...] = ()
    written: bool = False

    @property
    def ok(self) -> bool:
        """Whether all of it is as it should be."""
        return self.problem is None and not self.gone and all(example.ok for example in self.examples)


def recipes_in(paths: Sequence[Path]) -> list[Path]:
    """The recipes to test: the files that are named, and all in the folders. Raises InputError for none."""
    found: dict[Path, None] = {}
    for path in paths:
        below = pipelines_below(path) if path.is_dir() else [path]
        if not below:
            raise InputError(f"there is no recipe in {path}", "name a file, or a folder with pipelines")
        found.update(dict.fromkeys(below))
    return list(found)


def outcome_of(path: Path, update: bool = False, preview: bool = True) -> RecipeOutcome:
    """Test the recipe in a file. update: write its golden plan anew. preview: preview each example.

    Raises InputError for a golden plan that cannot be read, StoreError for one that cannot be written.
    """
    recipe = opened(path)
    if recipe.document is None:
        return RecipeOutcome(path, "", problem=("it cannot be read", ""), diagnostics=recipe.diagnostics)
    if not recipe.examples:
        names = ", ".join(f"`{name}`" for name in recipe.required)
        step = f"add one: examples: {{short: {{{recipe.required[0]}: …}}}}"
        return RecipeOutcome(path, recipe.version, problem=(f"no example gives it {names}", step))
    every = [checked(path, name) for name in recipe.examples]
    plans = {e.name: blocks_of(e.graph, path.parent) for e in every if e.graph is not None}
    changed = update and len(plans) == len(every) and _write(path, plans)
    golden = read_golden(golden_path(path)) or {}
    outcomes = tuple(_outcome(example, plans.get(example.name), golden, preview) for example in every)
    gone = tuple(name for name in golden if name not in recipe.examples)
    return RecipeOutcome(path, recipe.version, outcomes, gone=gone, written=changed)


def _write(path: Path, plans: Mapping[str, Blocks]) -> bool:
    """Write the golden plan; whether it is another than before."""
    golden, text = golden_path(path), written(path, plans)
    if golden.is_file() and golden.read_bytes() == text.encode():
        return False
    disk.replace(golden, [text.encode()])
    return True


def _outcome(
    example: CheckedExample, plan: Blocks | None, golden: Mapping[str, Blocks], preview: bool
) -> ExampleOutcome:
    if example.graph is None or plan is None:
        return ExampleOutcome(example.name, None, example.diagnostics, (), None)
    before = golden.get(example.name)
    difference = None if before is None else tuple(differences(before, plan))
    failed = tuple(_failures(example)) if preview else None
    return ExampleOutcome(example.name, len(example.graph.instances), example.diagnostics, difference, failed)


def _failures(example: CheckedExample) -> Sequence[str]:
    assert example.graph is not None
    with TemporaryDirectory(prefix="callsheet-test-") as folder:
        return failures(previewed(example.graph, Path(folder)))
