"""One example of a recipe: checked by itself, and previewed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.compiler import compile_source, read_document
from callsheet.dsl.diagnostics.diagnostic import Diagnostic
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.resolve.more_specs import specs_at
from callsheet.dsl.resolve.recipe_files import RecipeFile
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.inputs import Given, declared
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.reader import read_source
from callsheet.nodes.media.inspector import MediaInspector
from callsheet.runtime.execute.result import Result
from callsheet.runtime.plan.run_options import RunOptions
from callsheet.runtime.prepare import prepare
from callsheet.runtime.project_registry import registry_of
from callsheet.runtime.recipes.its_models import with_its_models
from callsheet.runtime.recipes.pinned import PinnedRecipes
from callsheet.runtime.run import run
from callsheet.runtime.workspace import Workspace
from callsheet.spec.permissions import PERMISSIONS

DEFAULTS: Final = "defaults"
"""What the one example of a recipe is called that has none, and needs none."""


@dataclass(frozen=True, slots=True)
class TestedRecipe:
    """A recipe to be tested. document: None where it cannot be read; then `diagnostics` say why."""

    path: Path
    document: Document | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def version(self) -> str:
        """Its own version, "" for none."""
        return self.document.head.version if self.document else ""

    @property
    def required(self) -> tuple[str, ...]:
        """The inputs that have no default."""
        inputs = self.document.inputs.values() if self.document else ()
        return tuple(decl.name for decl in inputs if declared(decl).required)

    @property
    def examples(self) -> tuple[str, ...]:
        """The names of its examples; without any, that of its defaults if they are enough."""
        named = tuple(self.document.head.examples) if self.document else ()
        return named or (() if self.required else (DEFAULTS,))


def opened(path: Path) -> TestedRecipe:
    """The recipe in a file, as far as it can be read."""
    report = Report()
    source = read_source(path, report)
    document = read_document(source, report) if source else None
    return TestedRecipe(path, None if report.failed else document, report.sorted())


@dataclass(frozen=True, slots=True)
class CheckedExample:
    """An example that was checked. graph: None when there are errors."""

    name: str
    graph: Graph | None
    diagnostics: tuple[Diagnostic, ...]


def checked(recipe: Path, name: str) -> CheckedExample:
    """An example, checked by itself: without the lock file's decisions, and without what `callsheet.toml`
    says of inputs, models and options."""
    report = Report()
    workspace = Workspace.of(recipe)
    given = Given(example=name, permissions=PERMISSIONS.get())
    pinned = PinnedRecipes(workspace, recipe)
    origin = Origin(recipe.parent, workspace.root)
    its = with_its_models(RecipeFile(recipe, origin)).origin
    specs = specs_at(registry_of(workspace, report), its)
    source = read_source(recipe, report)
    graph = compile_source(source, given, specs, report, pinned, MediaInspector()) if source else None
    return CheckedExample(name, None if report.failed else graph, report.sorted())


def previewed(graph: Graph, folder: Path) -> Result:
    """The preview of an example, in a state of its own. folder: takes the state, and the results in `out`."""
    options = RunOptions(preview=True, out=folder / "out")
    with Workspace(state=folder / "state") as workspace:
        return run(prepare(graph, workspace, options))


def failures(result: Result) -> Sequence[str]:
    """What went wrong in a preview, in words."""
    told = [f"{failure.address}: {failure.message}" for failure in result.failures]
    return [*told, *([result.error.message] if result.error else [])]
