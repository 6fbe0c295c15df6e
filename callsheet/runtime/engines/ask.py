"""Asks an engine what it is doing."""

from __future__ import annotations

from callsheet.errors import InputError
from callsheet.runtime.engines.named import HERE, is_here, named
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.status import EngineStatus, EngineWorker
from callsheet.runtime.engines.task import program
from callsheet.spec.event_loop import complete


def engine_status(on: str, place: Place | None = None) -> EngineStatus:
    """What the engine that `on` names is doing. place: where a run would have its media, to look at whether
    the workers reach that.

    Raises InputError when there is no such engine or it is not reached, NodeError and StoreError where the
    store is not.
    """
    if "," in on:
        raise InputError(f"{on} names two engines", "ask each by itself")
    named(on or HERE)
    if is_here(on) or on.startswith("here:"):
        return _here(on or HERE)
    from callsheet.runtime.engines.dask_status import dask_status

    return complete(dask_status(on, place))


def _here(on: str) -> EngineStatus:
    """The engines of this machine, which begin with a run."""
    from callsheet.nodes.local import Local
    from callsheet.runtime.engines.where import host

    slots = Local().limit if on == HERE else int(on.partition(":")[2])
    return EngineStatus(on, program(), 0.0, 0, 0, (EngineWorker(host(), slots, 0),))
