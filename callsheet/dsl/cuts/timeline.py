"""Which nodes show a cut."""

from __future__ import annotations

from typing import Final

from callsheet.dsl.syntax.ast import NodeDecl

TIMELINE: Final = "media/timeline"
CUT: Final = "cut"


def shows_cut(node: NodeDecl) -> bool:
    """Whether a node is a timeline that shows a cut."""
    return node.uses.text == TIMELINE and node.params is not None and node.params.get(CUT) is not None
