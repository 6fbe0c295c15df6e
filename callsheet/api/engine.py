"""The engine that makes local operations and previews: what it is doing."""

from __future__ import annotations

from typing import Unpack

from callsheet.api.given import Place, project_at
from callsheet.runtime.engines.ask import engine_status as ask
from callsheet.runtime.engines.places import place_for
from callsheet.runtime.engines.status import EngineStatus


def engine_status(on: str, store: str = "", **place: Unpack[Place]) -> EngineStatus:
    """The slots and workers of an engine, and why a task waits there. `callsheet engine status`.

    on: as in `run`: "dask://host:8786". store: the shared store of a run, to look at whether the workers
    reach it; without one that of the project, where there is one. place: see `Place`. Raises InputError when
    there is no such engine or it is not reached, NodeError and StoreError where the store is not.
    """
    with project_at(place) as workspace:
        there = store or workspace.state.is_dir()
        return ask(on, place_for(workspace.store(), store) if there else None)
