"""The models as a project knows them: with its own descriptions, prices and bills."""

from __future__ import annotations

import os
from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Final

from callsheet.errors import PipelineError
from callsheet.nodes.openapi.project_models import FOLDER, Models
from callsheet.nodes.registry import Registry
from callsheet.runtime.workspace import Workspace

if TYPE_CHECKING:
    from callsheet.dsl.diagnostics.report import Report
    from callsheet.nodes.registry import OwnPrice, Then
    from callsheet.runtime.observed_prices import ObservedPrices
    from callsheet.spec.node import NodeSpec
    from callsheet.spec.price.price import Price
    from callsheet.spec.price.quote import Quote

PRICES: Final = "prices.yaml"
"""The file with the prices that a project states itself, in the folder of its models."""


def registry_of(workspace: Workspace, report: Report, then: Then | None = None) -> Registry:
    """The registry of a project. then: finds the models of an earlier time, which count instead of those of
    the catalogue. What is wrong in the project's prices is reported. Bills and grants are not read, and
    nothing is loaded that reads them, before a price is asked for."""

    def granted(uses: str, price: Price) -> bool:
        from callsheet.runtime.grants import is_granted

        return is_granted(workspace.root, uses, price)

    @cache
    def bills() -> ObservedPrices | None:
        if not (workspace.may_have_books and workspace.books.exists):
            return None
        from callsheet.runtime.observed_prices import ObservedPrices

        return ObservedPrices(workspace)

    def observed(spec: NodeSpec, values: Mapping[str, object]) -> Quote | None:
        found = bills()
        return found.price(spec, values) if found else None

    models = workspace.root / FOLDER
    registry = Registry(Models(models), then)
    stated: Mapping[str, OwnPrice] = {}
    if os.path.lexists(models / PRICES):  # what cannot be read is an error, not as if it were not there
        from callsheet.runtime.own_prices import own_prices

        stated = own_prices(models / PRICES, registry, report, granted)
    registry.take_prices(stated, observed)
    return registry


def priced_registry(workspace: Workspace) -> Registry:
    """All models, with the prices that a project states. Raises PipelineError for mistakes in them."""
    from callsheet.dsl.diagnostics.report import Report

    report = Report()
    registry = registry_of(workspace, report)
    if report.failed:
        raise PipelineError(report.sorted())
    return registry
