"""docs/recipes.md: every recipe that ships, from its own file, with its example."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from pages._parts import leads_on

from callsheet.cli.views.recipe_markdown import tables
from callsheet.dsl.resolve.recipe_files import SHIPPED, shipped
from callsheet.dsl.resolve.recipe_reference import RecipePage, recipe_page
from callsheet.nodes.registry import Registry

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = "docs/recipes.md"
NEXT: Final = leads_on(
    ("Recipes in the language", "language.md#recipes", "how a recipe of your own is written and tested"),
    ("Examples", "../examples/README.md", "films that use them"),
)
HEAD: Final = """\
# Recipes that come with callsheet

A [recipe](language.md#recipes) is a pipeline that is used as one node. These come with callsheet, and need no
file of your own: `uses: recipe/storyboard`. `callsheet recipes` lists them, `callsheet recipes storyboard`
shows one. [Another model, takes or an approval](language.md#override) for a node inside needs no copy:
`override: {keyframe: {uses: fal-ai/flux/dev}}`. The nodes are in the files in `callsheet/recipes/`, which you
can also copy and change.

Each example below is a complete film. The same files are in `examples/recipes/`; preview one for free with
`callsheet run examples/recipes/storyboard.yaml --preview`. This page is made from the recipes.
"""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: _page()}


def _page() -> str:
    pages = [recipe_page(uses, path, Registry()) for uses, path in shipped().items()]
    contents = "\n".join(f"- [`{p.uses}`](#{p.uses.replace('/', '')}): {p.description}" for p in pages)
    return "\n".join([HEAD, contents, *("\n".join(_section(p)) for p in pages), "\n\n" + NEXT])


def _section(recipe: RecipePage) -> Iterator[str]:
    example = ROOT / "examples/recipes" / f"{recipe.uses.removeprefix(SHIPPED)}.yaml"
    yield f"\n## {recipe.uses}\n\n{recipe.description}\n"
    yield f"```yaml\n{example.read_text(encoding='utf-8')}```\n"
    yield from tables(recipe)
    models = ", ".join(f"`{uses}`" for uses in recipe.models)
    yield f"\nAsks {models}." if models else "\nAsks no model."
    if recipe.nodes:
        yield f"[Override](language.md#override): {', '.join(f'`{node}`' for node in recipe.nodes)}."
