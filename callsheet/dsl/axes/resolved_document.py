"""A document whose names are resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from callsheet.dsl.axes.nesting import Nesting
from callsheet.dsl.expression.context import NodeType
from callsheet.dsl.syntax.ast import Document
from callsheet.dsl.values.origin import Origin
from callsheet.spec.node import NodeSpec


@dataclass(frozen=True, slots=True)
class ResolvedDocument:
    """A document and what its names mean, before any value is known.

    origin: where it is, so which files it may name. specs: what each of its nodes uses, as far as that was
    found. types: its nodes as expressions see them. nesting: which of its axes lie inside which.
    """

    document: Document
    origin: Origin
    specs: Mapping[str, NodeSpec]
    types: Mapping[str, NodeType]
    nesting: Nesting
