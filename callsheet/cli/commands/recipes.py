"""`callsheet recipes`: the recipes that ship with callsheet, and what each takes and gives."""

from __future__ import annotations

import click


@click.command("recipes")
@click.argument("name", default="")
def command(name: str) -> None:
    """List the recipes that ship with callsheet, or show one: its inputs, outputs and models.

    \b
    callsheet recipes
    callsheet recipes storyboard
    """
    from callsheet.cli.views.recipes import recipe_list, recipe_text
    from callsheet.dsl.resolve.recipe_reference import shipped_recipe, shipped_recipes
    from callsheet.nodes.registry import Registry

    registry = Registry()
    if name:
        click.echo(recipe_text(shipped_recipe(name, registry)))
    else:
        click.echo(recipe_list(shipped_recipes(registry)))
