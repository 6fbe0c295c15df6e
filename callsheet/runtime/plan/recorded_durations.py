"""How long things took in this project, to say how long they will take."""

from __future__ import annotations

from callsheet.runtime.plan.estimate import Durations
from callsheet.runtime.plan.history import EarlierRuns
from callsheet.runtime.workspace import Workspace


def durations(workspace: Workspace) -> Durations:
    """`uses` → the seconds that its newest results took, as ledger and cache have them."""
    return EarlierRuns(workspace.cache(), workspace.ledger_reader()).durations
