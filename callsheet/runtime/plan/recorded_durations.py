"""Recorded durations of a project, for estimates."""

from __future__ import annotations

from callsheet.runtime.plan.estimate import Durations
from callsheet.runtime.plan.history import EarlierRuns
from callsheet.runtime.workspace import Workspace


def durations(workspace: Workspace) -> Durations:
    """`uses` → the seconds that its newest results took, from ledger and cache."""
    return EarlierRuns(workspace.cache(), workspace.ledger_reader()).durations
