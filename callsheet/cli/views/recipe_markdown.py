"""Recipes as a page in Markdown."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from callsheet.cli.views.wording import price
from callsheet.dsl.resolve.recipe_reference import Parameter, RecipePage
from callsheet.runtime.plan.estimate import Cost
from callsheet.spec.describe import type_name
from callsheet.spec.money import span
from callsheet.spec.types import NOTHING, Choice, ListOf, Record

SPECIAL: Final = re.compile(r"([\\`*_\[\]<>|#])")
NOT_A_LETTER: Final = re.compile(r"[^a-z0-9 _-]")
PARAMETERS: Final = "| parameter | type | default | |\n|---|---|---|---|"
OUTPUTS: Final = "\n| output | type |\n|---|---|"


def page(title: str, sections: Sequence[tuple[RecipePage, Mapping[str, Cost], Path | None]]) -> str:
    """A page of recipes: each with the costs of its examples, and the path of its picture from the page."""
    contents = "\n".join(f"- [`{p.uses}`](#{anchor(p.uses)}): {plain(p.description)}" for p, _, _ in sections)
    parts = (["\n".join(section(*one))] for one in sections)
    return "\n".join([f"# {plain(title)}\n", contents, *(text for part in parts for text in part)]) + "\n"


def section(recipe: RecipePage, costs: Mapping[str, Cost], picture: Path | None) -> Iterator[str]:
    """A recipe with everything that a user of it needs."""
    yield f"\n## `{recipe.uses}`\n\n{plain(recipe.description)}\n"
    if recipe.version or recipe.requires:
        requires = f"requires callsheet `{recipe.requires}`" if recipe.requires else ""
        version = f"Version {plain(recipe.version)}" if recipe.version else ""
        yield f"{', '.join(filter(None, [version, requires]))}.\n"
    if picture is not None:
        yield f"![A preview of {plain(recipe.uses)}]({picture.as_posix()})\n"
    for name, values in recipe.examples.items():
        cost = f": {total(costs[name])}" if name in costs else ""
        yield f"Example `{name}`{cost}\n"
        yield f"```yaml\nuses: {recipe.uses}\nwith: {_data(values)}\n```\n"
    yield from tables(recipe)
    if recipe.nodes:
        named = ", ".join(f"`{node}` (`{uses}`)" for node, uses in recipe.nodes.items())
        yield f"\nNodes that `override` can change: {named}."


def tables(recipe: RecipePage) -> Iterator[str]:
    """The parameters and the outputs."""
    if recipe.parameters:
        yield PARAMETERS
        yield from map(_row, recipe.parameters)
    yield OUTPUTS
    yield from (f"| `{name}` | {type_name(t)} |" for name, t in recipe.outputs.items())


def total(cost: Cost) -> str:
    """`$0.30 to $0.40`; `$0.20 and 2 calls without a known price`."""
    return price(cost.high, cost.unpriced) if cost.unpriced else span(cost.low, cost.high)


def anchor(title: str) -> str:
    """The part of a link that leads to a heading."""
    return NOT_A_LETTER.sub("", title.lower()).replace(" ", "-")


def plain(text: str) -> str:
    """A text of somebody else as text, in one line."""
    return SPECIAL.sub(r"\\\1", " ".join(text.split()))


def _row(parameter: Parameter) -> str:
    field = parameter.field
    match field.type:
        case Choice(values):
            kind = " \\| ".join(f"`{value}`" for value in values)
        case ListOf(Record(fields)):
            kind = "list of {" + ", ".join(f"{n}{'' if f.required else '?'}" for n, f in fields.items()) + "}"
        case other:
            kind = type_name(other)
    default = "" if field.default is NOTHING else f"`{_data(field.default)}`"
    default = "required" if field.required else default
    about = " ".join(parameter.description.replace("|", "\\|").split())
    if parameter.deprecated:
        about = f"Deprecated: {plain(parameter.deprecated)}. {about}"
    return f"| `{parameter.name}` | {kind} | {default} | {about} |"


def _data(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
