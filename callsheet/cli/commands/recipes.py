"""`callsheet recipes`: the recipes that ship with callsheet, and those of a project that are outdated."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from callsheet.cli import completion
from callsheet.cli.answer import json_option, print_json
from callsheet.cli.errors import explain
from callsheet.cli.permissions import fetch_option
from callsheet.errors import InputError
from callsheet.spec.plural import plural

if TYPE_CHECKING:
    from callsheet.runtime.recipe_pages import DescribedRecipe

GIT: Final = "git+"
OUTDATED: Final = "outdated"
NOT_A_LETTER: Final = re.compile(r"[^A-Za-z0-9_]+")
DIFFERS: Final = 2
"""The exit code that says that something is outdated."""


@click.command("recipes")
@click.argument(
    "words", nargs=-1, shell_complete=completion.recipes, metavar="[NAME | PATH | git+… | outdated [FILE]...]"
)
@click.option(
    "--markdown",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="Write a page about the recipes of PATH or git+…, with pictures of their previews beside it.",
)
@click.option("--exit-code", is_flag=True, help="outdated: exit with 2 if a recipe is.")
@fetch_option
@json_option
def command(words: tuple[str, ...], markdown: Path | None, exit_code: bool, as_json: bool) -> int:
    """List the recipes that ship with callsheet, or show one: its inputs, outputs and models.

    PATH is a recipe or a folder of recipes, and git+https://host/repository@ref a repository, which is
    downloaded, looked at, and thrown away. Each recipe is shown with the prices of its examples.

    `outdated` says which recipes from git have a newer commit or version than these films pin, or all films
    of the project. It asks their repositories, and changes nothing.

    \b
    callsheet recipes
    callsheet recipes storyboard
    callsheet recipes ./looks
    callsheet recipes git+https://example.org/studio/looks@v2 --markdown looks.md
    callsheet recipes outdated
    """
    from callsheet.cli.views.recipes import recipe_list, recipe_text
    from callsheet.dsl.resolve.recipe_reference import shipped_recipe, shipped_recipes
    from callsheet.nodes.registry import Registry

    if words[:1] == (OUTDATED,):
        return _outdated(tuple(map(Path, words[1:])), exit_code, as_json)
    if len(words) > 1:
        raise InputError("name one recipe", "callsheet recipes storyboard")
    if words and _is_source(words[0]):
        return _described(words[0], markdown, as_json)
    if markdown is not None:
        raise InputError("--markdown writes about the recipes of a PATH or a repository", "name one")
    registry = Registry()
    if as_json:
        from callsheet.api.catalogue import recipe, recipes

        print_json(recipe(words[0]) if words else recipes())
    elif words:
        click.echo(recipe_text(shipped_recipe(words[0], registry)))
    else:
        click.echo(recipe_list(shipped_recipes(registry)))
    return 0


def _is_source(word: str) -> bool:
    """Whether it names a file, a folder or a repository, and not a recipe that ships."""
    return word.startswith((GIT, "./", "../", "/")) or Path(word).exists()


def _described(source: str, markdown: Path | None, as_json: bool) -> int:
    from callsheet.cli.views.recipes import described_list, described_text
    from callsheet.runtime.recipe_pages import described, opened_source

    with opened_source(source) as (path, prefix):
        recipes, wrong = described(path, prefix)
        if as_json:
            from callsheet.api.catalogue import DescribedRecipes

            print_json(DescribedRecipes(tuple(recipes), tuple(wrong)))
        elif markdown is not None:
            _write(recipes, markdown, source)
        elif len(recipes) == 1 and not wrong:
            click.echo(described_text(recipes[0]))
        else:
            click.echo(described_list(recipes))
        return max(map(explain, wrong), default=0)


def _write(recipes: list[DescribedRecipe], file: Path, source: str) -> None:
    """Write a page about the recipes, and a picture of each into a folder beside it."""
    from callsheet.cli.views.recipe_markdown import page
    from callsheet.runtime.recipe_pages import draw
    from callsheet.runtime.store import atomic as disk

    folder, sections = file.with_name(f"{file.stem}-pictures"), []
    for number, recipe in enumerate(recipes, 1):
        picture = folder / f"{number:02}-{NOT_A_LETTER.sub('-', recipe.path.stem)}.png"
        disk.make_folder(folder)
        shown = picture.relative_to(file.parent) if draw(recipe, picture) else None
        sections.append((recipe.page, recipe.costs, shown))
    disk.replace(file, [page(f"Recipes of {source}", sections).encode()])
    click.echo(f"{file}: {plural(len(recipes), 'recipe')}, pictures in {folder}/")


def _outdated(films: tuple[Path, ...], exit_code: bool, as_json: bool) -> int:
    from callsheet.cli.views.recipes import outdated_lines
    from callsheet.runtime.outdated_recipes import outdated_recipes
    from callsheet.runtime.workspace import Workspace

    found = outdated_recipes(Workspace.of(films[0]) if films else Workspace.here(), films)
    if as_json:
        from callsheet.api.catalogue import PinnedRecipes

        print_json(PinnedRecipes(found))
    else:
        click.echo("\n".join(outdated_lines(found)))
    return DIFFERS if exit_code and any(pin.outdated for pin in found) else 0
