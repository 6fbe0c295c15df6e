"""Says that what is known of models is old."""

from __future__ import annotations

from typing import TYPE_CHECKING

from callsheet.nodes.catalogue.age import too_old
from callsheet.nodes.openapi.live_list import LiveList
from callsheet.nodes.openapi.project_models import FOLDER
from callsheet.spec.project import project_root

if TYPE_CHECKING:
    from pathlib import Path

    from callsheet.dsl.graph import Graph


def note_of_age(graph: Graph, file: Path) -> str:
    """A note that says so, for a pipeline that uses models of a provider; "" without a need for it."""
    if any(spec.provider != "local" for instance in graph.instances.values() for spec in instance.specs):
        listed = LiveList(project_root(file.parent) / FOLDER).date
        if said := too_old(listed):
            return f"note: {said}"
    return ""
