"""Whether an address names an instance, as far as the lists of its axes are known."""

from __future__ import annotations

from collections.abc import Mapping

from callsheet.dsl.address import elements, node_of
from callsheet.dsl.axes.axis import ListUnknown
from callsheet.dsl.axes.resolve import ResolvedAxis
from callsheet.dsl.axes.resolved_document import ResolvedDocument


def has_instance(resolved: ResolvedDocument, axes: Mapping[str, ResolvedAxis], address: str) -> bool:
    """Whether the document has this instance; True where only a list that comes during the run could tell."""
    decl = resolved.document.nodes.get(node_of(address))
    if decl is None:
        return False
    names = resolved.nesting.closed(axis.text for axis in decl.each)
    keys = elements(address)
    if len(names) != len(keys):
        return False
    fixed: dict[str, int] = {}
    for name, key in zip(names, keys, strict=True):
        if name not in axes or axes[name].dynamic:
            return True
        try:
            branch = axes[name].axis.branch(fixed)
        except ListUnknown:
            return True
        if key not in branch.keys:
            return False
        fixed[name] = branch.keys.index(key)
    return True
