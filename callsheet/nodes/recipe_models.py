"""The descriptions of models that came with a recipe, in folders `models/`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from callsheet.nodes.catalogue import catalogue
from callsheet.nodes.catalogue.build import build
from callsheet.nodes.openapi.project_models import Models
from callsheet.spec.node import NodeSpec

NEVER: Final = ("media/", "text/", "recipe/", "hf/")
"""Beginnings of names that are no endpoints."""


class RecipeModels:
    """Looks up endpoints that only a recipe describes. folders: those that have descriptions, nearest first.

    A description says what an endpoint takes and gives. Prices do not come with a recipe, so a call of such
    an endpoint has no known price; and where the catalogue does not know its owner, a person has to allow it.
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self.folders = tuple(folders)
        self._found: dict[str, NodeSpec | None] = {}

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of an endpoint, or None. Raises InputError for a description that cannot be read."""
        if uses.startswith(NEVER):
            return None
        if uses not in self._found:
            found = (Models(folder).record(uses, None) for folder in self.folders)
            record = next((one for one in found if one is not None), None)
            strange = not catalogue.has_owner(uses.partition("/")[0])
            self._found[uses] = replace(build(record), unknown_owner=strange) if record else None
        return self._found[uses]
