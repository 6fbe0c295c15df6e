"""Paths and commands in messages, as a person in the current folder would write them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.spec import shell

MOST_NAMED: Final = 8
"""Addresses in the advice on what to type; more of them are "--all"."""


def approve(graph: Graph, addresses: Sequence[str]) -> str:
    """The `callsheet approve` command for `addresses`."""
    words = addresses if len(addresses) <= MOST_NAMED else ["--all"]
    return shell.command(["callsheet", "approve", shown(graph.path), *words])


def shown(path: Path) -> str:
    """`path` relative to the current folder if it lies below it, else absolute."""
    absolute = path.absolute()
    here = Path.cwd()
    return str(absolute.relative_to(here)) if absolute.is_relative_to(here) else str(absolute)
