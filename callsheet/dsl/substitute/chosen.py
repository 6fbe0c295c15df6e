"""Another model among those that nodes choose from: `uses: ${{ shot.model }}`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from callsheet.dsl.expression.template import has_expression
from callsheet.dsl.substitute.edits import Edit, replaced
from callsheet.dsl.substitute.references import scalars
from callsheet.dsl.yaml.nodes import YamlMap, YamlNode, YamlScalar
from callsheet.dsl.yaml.writer import scalar


def choosers(root: YamlNode) -> Iterator[tuple[str, YamlScalar]]:
    """The nodes that choose their model, each with its `uses`."""
    nodes = root.get("nodes") if isinstance(root, YamlMap) else None
    for name, _, body in nodes if isinstance(nodes, YamlMap) else ():
        uses = body.get("uses") if isinstance(body, YamlMap) else None
        if isinstance(uses, YamlScalar) and has_expression(uses.text):
            yield name, uses


def renamed(root: YamlNode, old: str, new: str) -> Iterator[tuple[str, list[Edit]]]:
    """For each node that may choose `old`: its name, and the edits that let it choose `new` instead.

    Declared names stand in inputs and axes, and as texts in the expressions.
    """
    if not isinstance(root, YamlMap):
        return
    declared = [section for name in ("inputs", "axes") if (section := root.get(name)) is not None]
    edits = [replaced(s, scalar(new)) for part in declared for s in scalars(part) if s.value == old]
    for name, uses in choosers(root):
        quoted = re.finditer(rf"(?<=['\"]){re.escape(old)}(?=['\"])", uses.span.text)
        own = [Edit(uses.span.start + q.start(), uses.span.start + q.end(), new) for q in quoted]
        if own or edits:
            yield name, own + edits
            edits = []
