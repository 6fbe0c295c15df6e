"""The JSON Schema of pipeline files, for editors."""

from __future__ import annotations

from typing import Any

from callsheet.dsl import editor_schema
from callsheet.dsl.resolve.recipe_files import shipped
from callsheet.dsl.resolve.recipe_reference import recipe_spec
from callsheet.nodes.registry import Registry


def schema(every: bool = False) -> dict[str, Any]:
    """The JSON Schema of pipeline files.

    It lists the models that people use most, the local operations and the shipped recipes; with `every`, all
    endpoints of the catalogue.
    """
    registry = Registry()
    recipes = [recipe_spec(uses, path, registry) for uses, path in shipped().items()]
    return editor_schema.schema([*registry.listed(every), *recipes])
