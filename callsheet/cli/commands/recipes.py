"""`callsheet recipes`: the recipes that ship with callsheet, and those of a project that are outdated."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import click

from callsheet.errors import InputError

OUTDATED: Final = "outdated"
DIFFERS: Final = 2
"""The exit code that says that something is outdated."""


@click.command("recipes")
@click.argument("words", nargs=-1, metavar="[NAME | outdated [FILE]...]")
@click.option("--exit-code", is_flag=True, help="outdated: exit with 2 if a recipe is.")
def command(words: tuple[str, ...], exit_code: bool) -> int:
    """List the recipes that ship with callsheet, or show one: its inputs, outputs and models.

    `outdated` says which recipes from git have a newer commit or version than these films pin, or all films
    of the project. It asks their repositories, and changes nothing.

    \b
    callsheet recipes
    callsheet recipes storyboard
    callsheet recipes outdated
    """
    from callsheet.cli.views.recipes import recipe_list, recipe_text
    from callsheet.dsl.resolve.recipe_reference import shipped_recipe, shipped_recipes
    from callsheet.nodes.registry import Registry

    if words[:1] == (OUTDATED,):
        return _outdated(tuple(map(Path, words[1:])), exit_code)
    if len(words) > 1:
        raise InputError("name one recipe", "callsheet recipes storyboard")
    registry = Registry()
    if words:
        click.echo(recipe_text(shipped_recipe(words[0], registry)))
    else:
        click.echo(recipe_list(shipped_recipes(registry)))
    return 0


def _outdated(films: tuple[Path, ...], exit_code: bool) -> int:
    from callsheet.cli.views.recipes import outdated_lines
    from callsheet.runtime.outdated_recipes import outdated_recipes
    from callsheet.runtime.workspace import Workspace

    found = outdated_recipes(Workspace.of(films[0]) if films else Workspace.here(), films)
    click.echo("\n".join(outdated_lines(found)))
    return DIFFERS if exit_code and any(pin.outdated for pin in found) else 0
