"""Reads the recipes of a pipeline, each file once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callsheet.dsl.axes.nesting import nest
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.resolve.alternatives import with_alternatives
from callsheet.dsl.resolve.recipe import Recipe, RecipeSpec, recipe_of, spec_of
from callsheet.dsl.resolve.recipe_files import RecipeFile, Recipes
from callsheet.dsl.resolve.specs import find_specs, is_recipe, node_types
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.syntax.parser import parse
from callsheet.dsl.values.inputs import Given
from callsheet.dsl.values.origin import Origin
from callsheet.dsl.yaml.nodes import YamlScalar
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.spec.node import NodeSpec, Specs
from callsheet.spec.rules import recipes as rules
from callsheet.spec.rules.rule import Problem

DEEPEST: Final = 16
"""Recipes inside of recipes."""


Identity = tuple[Path, bool]
"""A file, and whether it came from elsewhere."""


@dataclass(slots=True)
class RecipeLoader:
    """Reads recipes. Errors in a recipe are reported with the place that uses it."""

    specs: Specs
    recipes: Recipes
    given: Given
    read: dict[Identity, tuple[Recipe | None, Report]] = field(default_factory=dict)

    @property
    def documents(self) -> list[Document]:
        """The recipes that were read."""
        return [recipe.document for recipe, _ in self.read.values() if recipe]

    def resolve(
        self,
        document: Document,
        origin: Origin,
        findings: Report,
        report: Report,
        chain: tuple[Path, ...] = (),
    ) -> ResolvedDocument:
        """The document with its names resolved, and a node for each alternative.

        findings: takes the errors of recipes that it uses; report: its own errors. chain: the files that
        use it, outermost first.
        """
        document = with_alternatives(document, self.specs, report)
        specs = self._specs(document, origin, findings, report, chain)
        nesting = nest(document, report)
        return ResolvedDocument(document, origin, specs, node_types(document, specs, nesting), nesting)

    def _specs(
        self, document: Document, origin: Origin, findings: Report, report: Report, chain: tuple[Path, ...]
    ) -> dict[str, NodeSpec]:
        """What each node of the document uses."""
        chain = (*chain, _identity(document.source.path))
        found = find_specs(document, self.specs, self.given, origin, report)
        for name, decl in document.nodes.items():
            if decl.choice is None and is_recipe(decl.uses.text):
                spec = self._open(decl.uses, origin, findings.within(decl.uses.span), report, chain)
                if spec is not None:
                    found[name] = spec
        return found

    def _open(
        self, uses: YamlScalar, origin: Origin, findings: Report, report: Report, chain: tuple[Path, ...]
    ) -> RecipeSpec | None:
        file = self.recipes.find(uses.text, origin)
        if isinstance(file, Problem):
            report.add(uses.span, file)
            return None
        if file.warning is not None:
            report.add(uses.span, file.warning)
        path = _identity(file.path)
        if path in chain:
            circle = (*chain[chain.index(path) :], path)
            report.add(uses.span, rules.recipes_in_a_circle([file.name for file in circle]))
            return None
        known = (path, file.origin.foreign)
        if known not in self.read and len(chain) <= DEEPEST:
            own = Report()
            self.read[known] = self.load(file, findings, own, chain), own
        recipe, own = self.read.get(known, (None, Report()))
        findings.merge(own)
        if len(chain) + (recipe.depth if recipe else 1) > DEEPEST + 1:
            report.add(uses.span, rules.recipes_too_deep(DEEPEST))
            return None
        return spec_of(uses.text, recipe) if recipe else None

    def load(
        self, file: RecipeFile, findings: Report, report: Report, chain: tuple[Path, ...] = ()
    ) -> Recipe | None:
        """The recipe in a file, or None with everything wrong in `report`."""
        source = read_source(file.path, report)
        root = read_yaml(source, report) if source else None
        if source is None or report.failed:
            return None
        document = parse(source, root, report)
        if document is None:
            return None
        return recipe_of(self.resolve(document, file.origin, findings, report, chain))


def _identity(path: Path) -> Path:
    return path.resolve()
