"""The recipes of a folder or of a repository in git: inputs, outputs, prices, and what they look like."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.graph import Graph
from callsheet.dsl.resolve.recipe_files import GIT, RecipeFile
from callsheet.dsl.resolve.recipe_reference import RecipePage, page_of, recipe_spec
from callsheet.dsl.values.origin import Origin
from callsheet.errors import InputError, PipelineError
from callsheet.nodes.media.operations import contact_sheet
from callsheet.nodes.media.probe import probe
from callsheet.runtime.dry_run import dry_run
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.project_registry import registry_of
from callsheet.runtime.recipe_tests.example import checked, opened, previewed
from callsheet.runtime.recipe_tests.outcome import recipes_in
from callsheet.runtime.recipes.git_fetch import Remote
from callsheet.runtime.recipes.git_url import at_pin, named
from callsheet.runtime.recipes.its_models import with_its_models
from callsheet.runtime.recipes.pinned import PinnedRecipes
from callsheet.runtime.store import atomic as disk
from callsheet.runtime.workspace import Workspace
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made
from callsheet.spec.project import STATE
from callsheet.spec.rules.rule import Problem
from callsheet.spec.values import leaves

MOST_SHOWN: Final = 6
"""Outputs that a picture of a recipe shows."""
WIDTH: Final = 960
"""Pixels of such a picture."""


@dataclass(frozen=True, slots=True)
class DescribedRecipe:
    """A recipe of a folder or repository. costs: example → what it costs; those with errors are left out."""

    path: Path
    page: RecipePage
    costs: Mapping[str, Cost] = field(default_factory=dict)


@contextmanager
def opened_source(source: str) -> Iterator[tuple[Path, str]]:
    """Where the recipes of `source` are: a file, a folder, or a repository `git+https://host/repository@ref`,
    of which one commit is downloaded and thrown away in the end. Beside it what a `uses` begins with that
    names one of them, "" for a path.

    Raises InputError for a repository that cannot be had.
    """
    if not source.startswith(GIT):
        yield Path(source), ""
        return
    whole, _, path = source.partition("#")
    use = named(source) if path else at_pin(whole)
    if isinstance(use, Problem):
        raise InputError(f"{source}: {use.message}", use.help)
    remote = Remote(use)
    with TemporaryDirectory(prefix="callsheet-recipes-") as folder:
        tree = Path(folder) / "tree"
        tree.mkdir()
        remote.fetch(remote.commit(), tree)
        (tree / STATE).mkdir(exist_ok=True)  # it is a project of its own
        yield (tree / path if path else tree), f"{whole}#"


def described(source: Path, prefix: str = "") -> tuple[list[DescribedRecipe], list[PipelineError]]:
    """The recipes in a file or folder, sorted by path, and what is wrong with those that cannot be read.
    prefix: see `opened_source`.

    Raises InputError where there are none, PipelineError where none can be read.
    """
    found: list[DescribedRecipe] = []
    wrong: list[PipelineError] = []
    for path in recipes_in((source,)):
        try:
            found.append(_described(path, prefix))
        except PipelineError as error:
            wrong.append(error)
    if not found:
        raise wrong[0]
    return found, wrong


def _described(path: Path, prefix: str) -> DescribedRecipe:
    workspace, report = Workspace.of(path), Report()
    registry = registry_of(workspace, report)
    origin = with_its_models(RecipeFile(path, Origin(path.parent, workspace.root))).origin
    spec = recipe_spec(
        _uses(path, prefix, workspace.root), path, registry, PinnedRecipes(workspace, path), origin
    )
    return DescribedRecipe(path, page_of(spec), dict(_costs(path)))


def _uses(path: Path, prefix: str, root: Path) -> str:
    """The recipe as `uses` names it: from its repository, or from the current folder."""
    if prefix:
        return prefix + path.resolve().relative_to(root.resolve()).as_posix()
    text = path.as_posix()
    return text if text.startswith((".", "/")) else f"./{text}"


def _costs(path: Path) -> Iterator[tuple[str, Cost]]:
    for name in opened(path).examples:
        graph = checked(path, name).graph
        if graph is not None:
            with TemporaryDirectory() as folder, Workspace(state=Path(folder)) as workspace:
                yield name, dry_run(graph, workspace, approvals=False).cost


def draw(recipe: DescribedRecipe, picture: Path) -> bool:
    """Draw the outputs of its first example, as the preview makes them, into a PNG file; whether there are
    any. Raises StoreError, NodeError."""
    graph = next((g for name in recipe.costs if (g := checked(recipe.path, name).graph) is not None), None)
    if graph is None:
        return False
    with TemporaryDirectory(prefix="callsheet-picture-") as folder:
        shown = list(_outputs(graph, Path(folder)))[:MOST_SHOWN]
        if not shown:
            return False
        job = Job("preview", contact_sheet.SPEC, _parameters(shown), Path(folder))
        made = contact_sheet.run(job)["image"]
        assert isinstance(made, Made)
        disk.replace(picture, disk.chunks(made.path))
    return True


def _outputs(graph: Graph, folder: Path) -> Iterator[Artifact]:
    """The pictures and videos among the outputs of a preview."""
    result = previewed(graph, folder)
    for path in leaves(result.outputs, Path):
        if path.suffix in (".png", ".jpg", ".webp"):
            yield Artifact("image", path, "", probe(path))
        elif path.suffix in (".mp4", ".webm", ".mov"):
            yield Artifact("video", path, "", probe(path))


def _parameters(shown: list[Artifact]) -> dict[str, object]:
    images = [one for one in shown if one.kind == "image"]
    videos = [] if images else [one for one in shown if one.kind == "video"]
    columns, frames = (4, 4) if videos else (min(3, len(images)), 1)
    return {"images": images, "videos": videos, "frames": frames, "columns": columns, "width": WIDTH}
