"""Recipes as text: a list of all, and the page of one."""

from __future__ import annotations

from collections.abc import Sequence

from callsheet.dsl.resolve.recipe_reference import Parameter, RecipePage
from callsheet.spec.describe import type_name
from callsheet.spec.types import NOTHING


def recipe_list(pages: Sequence[RecipePage]) -> str:
    """One line for each recipe."""
    width = max(len(page.uses) for page in pages)
    return "\n".join(f"{page.uses:<{width}}  {page.description}" for page in pages)


def recipe_text(page: RecipePage) -> str:
    """The parameters, the outputs and the models of a recipe."""
    width = max(map(len, (*page.outputs, *(parameter.name for parameter in page.parameters))))
    lines = [f"uses: {page.uses}", f"  {page.description}", "", "with"]
    lines += [f"  {p.name:<{width}}  {_about(p)}" for p in page.parameters]
    lines += ["", "outputs", *(f"  {name:<{width}}  {type_name(t)}" for name, t in page.outputs.items())]
    lines += ["", f"models: {', '.join(page.models) or 'none'}"]
    return "\n".join(lines)


def _about(parameter: Parameter) -> str:
    field = parameter.field
    need = (
        ", required" if field.required else "" if field.default is NOTHING else f", default {field.default!r}"
    )
    return f"{type_name(field.type)}{need}: {parameter.description}"
