"""docs/architecture.md and its picture: the tree from docstrings, the rest from the import rules."""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Final, NamedTuple

from pages._parts import ROOT, cell, filled

PAGE: Final = "docs/architecture.md"
PICTURE: Final = "docs/images/architecture.svg"
PACKAGE: Final = "callsheet"
Layers = list[list[str]]
"""From the highest to the lowest; what stands side by side does not import each other."""


def files() -> Mapping[str, str]:
    """The page and its picture, by their paths."""
    rules = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = rules["tool"]["importlinter"]["contracts"]
    parts = {"tree": _tree(), "libraries": _libraries(contracts)}
    return {PAGE: filled(PAGE, parts), PICTURE: _picture(contracts)}


# The tree


def _tree() -> str:
    return "\n".join(["| package | |", "|---|---|", *_packages(ROOT / PACKAGE, 0)])


def _packages(folder: Path, depth: int) -> Iterator[str]:
    for path in sorted(folder.iterdir()):
        if (path / "__init__.py").exists():
            indent = "&nbsp;" * 4 * depth
            yield f"| {indent}`{path.name}/` | {cell(_first_sentence(path / '__init__.py'))} |"
            yield from _packages(path, depth + 1)
        elif depth == 0 and path.suffix == ".py" and not path.name.startswith("_"):
            yield f"| `{path.name}` | {cell(_first_sentence(path))} |"


def _first_sentence(path: Path) -> str:
    text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
    return re.split(r"\n\n", text)[0].replace("\n", " ")


# The libraries that one package alone imports


def _libraries(contracts: list[dict[str, object]]) -> str:
    rows = [_library(contract) for contract in contracts if "ignore_imports" in contract]
    return "\n".join(["| library | imported only by |", "|---|---|", *rows])


def _library(contract: Mapping[str, object]) -> str:
    importers = [str(rule).split(" -> ")[0] for rule in contract["ignore_imports"]]
    packages = dict.fromkeys(name.removesuffix(".**").removeprefix(f"{PACKAGE}.") for name in importers)
    libraries, names = (
        ", ".join(f"`{n}`" for n in found) for found in (contract["forbidden_modules"], packages)
    )
    return f"| {libraries} | {names} |"


# The picture

WIDTH: Final = 960
ROW: Final = 24
GAP: Final = 6
PAD: Final = 12
TITLE: Final = 24
LETTER: Final = 7.0
"""Pixels of a letter, at most."""
STYLE: Final = """\
text { font: 13px ui-sans-serif, system-ui, sans-serif; fill: #1f2430; text-anchor: middle; }
.package { fill: #eef1f6; stroke: #9aa5b8; } .module { fill: #ffffff; stroke: #c3cad6; }
.title { font-weight: 600; }"""


class Box(NamedTuple):
    """A package or module; `layers` is what lies inside, from the highest to the lowest."""

    name: str
    layers: list[list[Box]]

    @property
    def height(self) -> int:
        """Pixels."""
        if not self.layers:
            return ROW
        return TITLE + PAD + sum(max(box.height for box in row) + GAP for row in self.layers) - GAP


def _picture(contracts: list[dict[str, object]]) -> str:
    inner = {
        str(container): _rows(contract["layers"])
        for contract in contracts
        for container in contract.get("containers", ())
    }
    (house,) = (c["layers"] for c in contracts if c["type"] == "layers" and "containers" not in c)
    rows = [[_box(name, inner) for name in row] for row in _rows(house)]
    body, top = [], GAP
    for row in rows:
        body += _drawn(row, GAP, top, WIDTH - 2 * GAP)
        top += max(box.height for box in row) + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {top}" width="{WIDTH}" height="{top}">'
    )
    return "\n".join([head, f"<style>{STYLE}</style>", *body, "</svg>\n"])


def _rows(layers: object) -> Layers:
    assert isinstance(layers, list)
    return [re.split(r" [|:] ", str(layer)) for layer in layers]


def _box(name: str, inner: Mapping[str, Layers]) -> Box:
    layers = inner.get(name, [])
    return Box(name.removeprefix(f"{PACKAGE}."), [[Box(module, []) for module in row] for row in layers])


def _drawn(row: list[Box], left: float, top: int, width: float) -> Iterator[str]:
    height = max(box.height for box in row)
    whole = sum(map(_share, row))
    for box in row:
        wide = (width - GAP * (len(row) - 1)) * _share(box) / whole
        kind, middle = "package" if box.layers else "module", left + wide / 2
        yield f'<rect class="{kind}" x="{left:.0f}" y="{top}" width="{wide:.0f}" height="{height}" rx="4"/>'
        if box.layers:
            yield f'<text class="title" x="{middle:.0f}" y="{top + 17}">{escape(box.name)}</text>'
            inner_top = top + TITLE
            for layer in box.layers:
                yield from _drawn(layer, left + PAD, inner_top, wide - 2 * PAD)
                inner_top += max(inner.height for inner in layer) + GAP
        else:
            at = f'x="{middle:.0f}" y="{top + height / 2 + 4.5:.0f}"'
            yield f"<text {at}{_squeezed(box, wide)}>{escape(box.name)}</text>"
        left += wide + GAP


def _squeezed(box: Box, wide: float) -> str:
    """The attributes that keep a long name inside of its box."""
    room = wide - GAP
    fits = len(box.name) * LETTER <= room
    return "" if fits else f' textLength="{room:.0f}" lengthAdjust="spacingAndGlyphs"'


def _share(box: Box) -> float:
    """How much of a row's width a box takes: as much as its widest layer needs."""
    widest = max((sum(len(inner.name) + 3 for inner in layer) for layer in box.layers), default=0)
    return max(len(box.name) + 3, widest)
