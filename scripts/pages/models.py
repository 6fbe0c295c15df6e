"""docs/models.md: the models that are known by hand, from the catalogue."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Final

from pages._parts import cell, leads_on

from callsheet.nodes.catalogue.catalogue import GENERATED, KNOWLEDGE
from callsheet.nodes.registry import Registry
from callsheet.runtime.models import Model, models

PAGE: Final = "docs/models.md"
NEXT: Final = leads_on(
    ("What a film costs", "costs.md", "three ways to make thirty seconds, and how to choose a model"),
    ("The catalogue", "catalogue.md", "where these facts come from, and a price of your own"),
)
HEAD: Final = """\
# Models

These {known} models are known by hand: their lengths, sizes, rules and prices were read from the pages of
their providers. The price of those marked *unpriced* is not known. The types of {generated:,} more endpoints
of fal come from what fal publishes (`{package}` {version}); these have no known price.
[The catalogue](catalogue.md) says how both are kept up to date.

- `callsheet models WORDS` searches all of them; `callsheet models show ID` prints one with all parameters.
- A model that is missing needs no new release: `callsheet models add ID` takes its live description into your
  project.
- Prices are list prices in USD. `callsheet models show ID` says where they come from and when they were read;
  `callsheet plan` computes the price of your film from them.

This page is made from the catalogue.
"""


def files() -> Mapping[str, str]:
    """The page, by its path."""
    return {PAGE: "\n".join([_head(), *_tasks(), NEXT])}


def _head() -> str:
    head = GENERATED.head
    generated = sum(name not in KNOWLEDGE for name in GENERATED.tasks)
    return HEAD.format(
        known=len(KNOWLEDGE.tasks), generated=generated, package=head["package"], version=head["version"]
    )


def _tasks() -> Iterator[str]:
    by_task: defaultdict[str, list[Model]] = defaultdict(list)
    for model in models(Registry()):
        if model.endpoint in KNOWLEDGE:
            by_task[model.task].append(model)
    for task, found in sorted(by_task.items()):
        yield f"## {task}\n\n| model | price | |\n|---|---|---|"
        yield from (_row(model) for model in sorted(found, key=lambda model: model.endpoint))
        yield ""


def _row(model: Model) -> str:
    status = "" if model.status == "active" else model.status
    return f"| `{model.endpoint}` | {cell(model.price)} | {status} |"
