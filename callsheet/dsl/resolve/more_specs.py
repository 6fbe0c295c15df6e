"""Specs with more behind them: the models that only a recipe describes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from callsheet.dsl.values.origin import Origin
from callsheet.errors import InputError, PlugInError
from callsheet.spec.node import Described, NodeSpec, Specs


@dataclass(frozen=True, slots=True)
class MoreSpecs:
    """Looks up in `first`, then among `more`: no recipe changes what the project or the catalogue know."""

    first: Specs
    more: Described

    def find(self, uses: str) -> NodeSpec | None:
        """See `Specs`. Raises InputError where neither can say what `uses` is."""
        try:
            found = self.first.find(uses)
        except PlugInError:
            raise
        except InputError:
            if (found := self.more.find(uses)) is None:
                raise
        return found or self.more.find(uses)

    def find_code(self, uses: str, path: Path, function: str) -> NodeSpec:
        """See `Specs`."""
        return self.first.find_code(uses, path, function)

    def nearest(self, uses: str) -> tuple[str, ...]:
        """See `Specs`."""
        return self.first.nearest(uses)


def specs_at(specs: Specs, origin: Origin) -> Specs:
    """What a file of `origin` can use: `specs`, and the models that came with it."""
    return specs if origin.models is None else MoreSpecs(specs, origin.models)
