"""Reads the recipes of a pipeline, each file once."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from callsheet.dsl.axes.nesting import nest
from callsheet.dsl.axes.resolved_document import ResolvedDocument
from callsheet.dsl.cuts.shown import with_cuts
from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.resolve.alternatives import with_alternatives
from callsheet.dsl.resolve.more_specs import specs_at
from callsheet.dsl.resolve.override_places import Overridden
from callsheet.dsl.resolve.overrides import Override, allowed, for_use, with_models, with_options
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


Identity = tuple[Path, bool, tuple[tuple[Span, tuple[str, ...]], ...]]
"""A file, whether it came from elsewhere, and the overrides with which it is used."""


@dataclass(slots=True)
class RecipeLoader:
    """Reads recipes. Errors in a recipe are reported with the place that uses it.

    overridden: the files that were read for uses with overrides.
    """

    specs: Specs
    recipes: Recipes
    given: Given
    read: dict[Identity, tuple[Recipe | None, Report]] = field(default_factory=dict)
    overridden: dict[Source, Overridden] = field(default_factory=dict)

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
        overrides: tuple[Override, ...] = (),
    ) -> ResolvedDocument:
        """The document with its names resolved, and a node for each alternative.

        findings: takes the errors of recipes that it uses; report: its own errors. chain: the files that
        use it, outermost first. overrides: what its user sets for nodes inside.
        """
        known = specs_at(self.specs, origin)
        document = with_alternatives(with_options(document, overrides), known, report)
        document = with_models(document, overrides, known)
        specs = self._specs(document, origin, findings, report, chain, overrides)
        nesting = nest(document, report)
        return ResolvedDocument(document, origin, specs, node_types(document, specs, nesting), nesting)

    def _specs(
        self,
        document: Document,
        origin: Origin,
        findings: Report,
        report: Report,
        chain: tuple[Path, ...],
        overrides: tuple[Override, ...],
    ) -> dict[str, NodeSpec]:
        """What each node of the document uses."""
        chain = (*chain, _identity(document.source.path))
        found = find_specs(document, specs_at(self.specs, origin), self.given, origin, report)
        for name, decl in document.nodes.items():
            if decl.choice is None and is_recipe(decl.uses.text):
                inner = for_use(decl, overrides, report)
                spec = self._open(decl.uses, origin, findings.within(decl.uses.span), report, chain, inner)
                if spec is not None:
                    found[name] = spec
        return found

    def _open(
        self,
        uses: YamlScalar,
        origin: Origin,
        findings: Report,
        report: Report,
        chain: tuple[Path, ...],
        overrides: tuple[Override, ...],
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
        known = (path, file.origin.foreign, tuple((one.decl.key.span, one.path) for one in overrides))
        if known not in self.read and len(chain) <= DEEPEST:
            own = Report()
            self.read[known] = self.load(file, findings, own, chain, overrides), own
        recipe, own = self.read.get(known, (None, Report()))
        findings.merge(own)
        if len(chain) + (recipe.depth if recipe else 1) > DEEPEST + 1:
            report.add(uses.span, rules.recipes_too_deep(DEEPEST))
            return None
        return spec_of(uses.text, recipe) if recipe else None

    def load(
        self,
        file: RecipeFile,
        findings: Report,
        report: Report,
        chain: tuple[Path, ...] = (),
        overrides: tuple[Override, ...] = (),
    ) -> Recipe | None:
        """The recipe in a file, or None with everything wrong in `report`. overrides: of its user."""
        source = read_source(file.path, report)
        root = read_yaml(source, report) if source else None
        if source is None or report.failed:
            return None
        document = parse(source, root, report)
        if document is None:
            return None
        document = with_cuts(document, file.origin, report)
        if overrides := allowed(document, overrides):
            self.overridden[source] = Overridden(document, overrides)
        return recipe_of(self.resolve(document, file.origin, findings, report, chain, overrides))


def _identity(path: Path) -> Path:
    return path.resolve()
