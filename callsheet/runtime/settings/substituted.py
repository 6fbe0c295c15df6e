"""Specs under the names of the models that a profile uses instead of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from callsheet.spec.node import NodeSpec, Specs


class Substituted:
    """Looks up in `specs`, with another model for those in `models`: endpoint → endpoint."""

    def __init__(self, specs: Specs, models: Mapping[str, str]) -> None:
        self.specs, self.models = specs, models

    def find(self, uses: str) -> NodeSpec | None:
        """The spec of `uses`, or of what is used instead."""
        return self.specs.find(self.models.get(uses, uses))

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """As that of the specs themselves: code is not substituted."""
        return self.specs.find_code(uses, path, function)

    def nearest(self, uses: str) -> tuple[str, ...]:
        """Existing names close to `uses`."""
        return self.specs.nearest(uses)
