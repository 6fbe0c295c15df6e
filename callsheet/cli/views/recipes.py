"""Recipes as text: a list of all, and the page of one."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from callsheet.cli.views.recipe_markdown import total
from callsheet.cli.views.wording import printable, some
from callsheet.dsl.resolve.recipe_reference import Parameter, RecipePage
from callsheet.spec import shell
from callsheet.spec.describe import type_name
from callsheet.spec.plural import plural
from callsheet.spec.types import NOTHING

if TYPE_CHECKING:
    from callsheet.runtime.outdated_recipes import PinState
    from callsheet.runtime.recipe_pages import DescribedRecipe

DIGITS: Final = 12
"""Of a commit's hash."""


def recipe_list(pages: Sequence[RecipePage]) -> str:
    """One line for each recipe."""
    width = max(len(page.uses) for page in pages)
    return "\n".join(f"{page.uses:<{width}}  {page.description}" for page in pages)


def recipe_text(page: RecipePage) -> str:
    """The parameters, the outputs and the models of a recipe."""
    width = max(map(len, (*page.outputs, *(parameter.name for parameter in page.parameters))))
    about = [f"version {page.version}"] if page.version else []
    about += [f"requires callsheet {page.requires}"] if page.requires else []
    lines = [f"uses: {page.uses}", f"  {page.description}", *([f"  {', '.join(about)}"] if about else [])]
    lines += ["", "with"]
    lines += [f"  {p.name:<{width}}  {_about(p)}" for p in page.parameters]
    lines += ["", "outputs", *(f"  {name:<{width}}  {type_name(t)}" for name, t in page.outputs.items())]
    lines += ["", f"models: {', '.join(page.models) or 'none'}"]
    nodes = [f"{node} ({uses})" for node, uses in page.nodes.items()]
    lines += [f"override: {', '.join(nodes)}"] if nodes else []
    return "\n".join(map(printable, lines))


def described_list(recipes: Sequence[DescribedRecipe]) -> str:
    """One line for each recipe of a folder or a repository, with its version and the price of an example."""
    rows = [(d.page.uses, d.page.version, _first_cost(d), d.page.description) for d in recipes]
    widths = [max(map(len, column)) for column in list(zip(*rows, strict=True))[:3]]
    lines = ("  ".join([*map(str.ljust, row[:3], widths), row[3]]).rstrip() for row in rows)
    return "\n".join(map(printable, lines))


def described_text(recipe: DescribedRecipe) -> str:
    """A recipe of a folder or a repository, with the prices of its examples."""
    lines = [
        *recipe_text(recipe.page).splitlines(),
        "",
        "examples" if recipe.costs else "no example can be planned; `callsheet test` in its folder tells why",
    ]
    width = max(map(len, recipe.costs), default=0)
    lines += [f"  {name:<{width}}  {total(cost)}" for name, cost in recipe.costs.items()]
    return "\n".join(map(printable, lines))


def _first_cost(recipe: DescribedRecipe) -> str:
    return next(map(total, recipe.costs.values()), "")


def _about(parameter: Parameter) -> str:
    field = parameter.field
    need = (
        ", required" if field.required else "" if field.default is NOTHING else f", default {field.default!r}"
    )
    old = f" (deprecated: {parameter.deprecated})" if parameter.deprecated else ""
    return f"{type_name(field.type)}{need}: {parameter.description}{old}"


def outdated_lines(pins: Sequence[PinState]) -> Iterator[str]:
    """Each pin with what is newer and the films that have it, then how many are outdated."""
    for pin in pins:
        yield printable(f"{pin.pin}: {_newer(pin)}")
        yield f"  {some([film.as_posix() for film in pin.films])}"
    outdated = [pin for pin in pins if pin.outdated]
    yield f"{len(outdated)} of {plural(len(pins), 'recipe')} outdated" if pins else "nothing is pinned"
    moved = next((pin for pin in outdated if pin.now != pin.commit), None)
    if moved is not None:
        upgrade = shell.command(
            ["callsheet", "lock", str(moved.films[0]), "--upgrade", f"recipes/{moved.pin}"]
        )
        yield printable(f"next: {upgrade}")


def _newer(pin: PinState) -> str:
    if pin.problem:
        return f"{pin.commit[:DIGITS]}; what is newest is not known: {pin.problem}"
    moved = pin.now != pin.commit
    said = f"{pin.commit[:DIGITS]} → {pin.now[:DIGITS]}" if moved else f"{pin.commit[:DIGITS]}"
    version = f"the version {pin.newest} is there" if pin.newest else ""
    return "; ".join(filter(None, [said if moved or version else f"{said} is the newest", version]))
