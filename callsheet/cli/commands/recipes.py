"""`callsheet recipes`: the recipes that ship with callsheet, and what each takes and gives."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from callsheet.errors import InputError

if TYPE_CHECKING:
    from callsheet.dsl.resolve.recipe_reference import Parameter, RecipePage


@click.command("recipes")
@click.argument("name", default="")
def command(name: str) -> None:
    """List the recipes that ship with callsheet, or show what one takes, gives and asks.

    \b
    callsheet recipes
    callsheet recipes storyboard
    """
    from callsheet.dsl.resolve.recipe_files import SHIPPED, shipped
    from callsheet.dsl.resolve.recipe_reference import recipe_page
    from callsheet.nodes.registry import Registry

    known, specs = shipped(), Registry()
    uses = name if name.startswith(SHIPPED) else SHIPPED + name
    if not name:
        pages = [recipe_page(uses, path, specs) for uses, path in known.items()]
        width = max(len(page.uses) for page in pages)
        click.echo("\n".join(f"{page.uses:<{width}}  {page.description}" for page in pages))
    elif uses in known:
        click.echo(_shown(recipe_page(uses, known[uses], specs)))
    else:
        from callsheet.spec.suggest import suggest

        raise InputError(
            f"no recipe that ships with callsheet is called {name}", suggest(uses, known, "recipes")
        )


def _shown(page: RecipePage) -> str:
    from callsheet.spec.describe import type_name

    width = max(map(len, (*page.outputs, *(parameter.name for parameter in page.parameters))))
    lines = [f"uses: {page.uses}", f"  {page.description}", "", "with"]
    lines += [f"  {p.name:<{width}}  {_about(p)}" for p in page.parameters]
    lines += ["", "outputs", *(f"  {name:<{width}}  {type_name(t)}" for name, t in page.outputs.items())]
    lines += ["", f"models: {', '.join(page.models) or 'none'}"]
    return "\n".join(lines)


def _about(parameter: Parameter) -> str:
    from callsheet.spec.describe import type_name
    from callsheet.spec.types import NOTHING

    field = parameter.field
    need = (
        ", required" if field.required else "" if field.default is NOTHING else f", default {field.default!r}"
    )
    return f"{type_name(field.type)}{need}: {parameter.description}"
