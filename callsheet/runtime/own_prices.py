"""Prices that a project states itself, in models/prices.yaml.

    fal-ai/flux/dev: {unit: image, usd: 0.02, date: 2026-11-01}
    acme/voice: {unit: 1k_characters, rates: [{usd: 0.05, when: {quality: high}}, {usd: 0.02}]}

The file may come with a clone, so a price below that of the catalogue never makes a budget smaller.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cache, partial
from pathlib import Path
from typing import Any

from callsheet.dsl.diagnostics.report import Report
from callsheet.dsl.diagnostics.source import Span
from callsheet.dsl.yaml.nodes import YamlList, YamlMap, YamlNode, to_data
from callsheet.dsl.yaml.reader import read_source, read_yaml
from callsheet.errors import CallsheetError
from callsheet.nodes.registry import OwnPrice, Registry
from callsheet.spec.permissions import PERMISSIONS
from callsheet.spec.price.price import Price
from callsheet.spec.price.read import price_from
from callsheet.spec.project import require_inside
from callsheet.spec.rules import models as rules

Granted = Callable[[str, Price], bool]
"""Whether a person agreed once and for all that the price of an endpoint counts where it is less than is
known."""


def own_prices(path: Path, registry: Registry, report: Report, granted: Granted) -> Mapping[str, OwnPrice]:
    """The prices in the file at `path`, by endpoint. What is wrong in them is reported with its place.

    Raises InputError where links lead out of the project.
    """
    require_inside(path, path.parent.parent)
    source = read_source(path, report)
    root = read_yaml(source, report) if source else None
    if root is None:
        return {}
    if not isinstance(root, YamlMap):
        report.add(root.span, rules.prices_not_a_mapping())
        return {}
    found: dict[str, OwnPrice] = {}
    for uses, key, node in root:
        try:
            spec = registry.find(uses)
        except CallsheetError as error:
            report.add(key.span, rules.unreadable_model(error.message, error.next_step))
            continue
        if spec is None:
            report.add(key.span, rules.unknown_uses(uses, registry.nearest(uses)))
            continue
        if spec.provider == "local":
            report.add(key.span, rules.local_price(uses))
            continue
        rule = _rule(to_data(node))
        problems = list(_problems(rule, node, set(spec.inputs)))
        for span, said in problems:
            report.add(span, rules.bad_price(said))
        if not problems:
            line = key.span.source.position(key.span.start)[0]
            date = str(rule.get("date", ""))
            price = price_from({**rule, "date": date, "source": path.as_posix()}, {}, "yours")
            place = f"{path.parent.name}/{path.name} line {line}"
            found[uses] = OwnPrice(price, place, partial(_counts, uses, cache(partial(granted, uses, price))))
    return found


def _counts(uses: str, granted: Callable[[], bool]) -> bool:
    """Whether a price counts now. granted: whether that was said once and for all."""
    return uses in PERMISSIONS.get().prices or granted()


def _rule(data: object) -> dict[str, Any]:
    """The rule with its short form written out."""
    if not isinstance(data, dict):
        return {"unit": data}
    if "usd" in data and "rates" not in data:
        return {**{k: v for k, v in data.items() if k != "usd"}, "rates": [{"usd": data["usd"]}]}
    return data


def _problems(rule: dict[str, Any], node: YamlNode, parameters: set[str]) -> Iterator[tuple[Span, str]]:
    if not isinstance(node, YamlMap):
        yield node.span, "a price is a mapping: {unit: image, usd: 0.02}"
        return
    from callsheet.spec.price.mistakes import mistakes  # not loaded where no project states a price

    if {"usd", "rates"} <= rule.keys():
        yield _at(node, ("usd",)), "`usd` is short for a single rate: write it, or `rates`, not both"
        rule = {key: value for key, value in rule.items() if key != "usd"}
    for place, said in mistakes(rule, parameters):
        yield _at(node, place), said


def _at(node: YamlNode, place: tuple[str | int, ...]) -> Span:
    """Where a part of a rule stands; what does not stand there is meant by what holds it."""
    short = isinstance(node, YamlMap) and node.get("rates") is None
    steps = ("usd",) if short and place[:2] == ("rates", 0) else place
    for step in steps:
        match node, step:
            case YamlMap(), str() if (inner := node.get(step)) is not None:
                node = inner
            case YamlList(), int() if step < len(node.items):
                node = node.items[step]
            case _:
                break
    return node.span
