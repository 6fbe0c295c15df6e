"""The engine of one run: opened before anything is made, closed when the run is over."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from typing import Final

from callsheet.runtime.engines.engine import Engine
from callsheet.runtime.engines.named import is_here, named
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.places import place_for
from callsheet.runtime.engines.remote import Remote
from callsheet.runtime.store.blobs import Store
from callsheet.spec.node import Worker

CLOSING: Final = 5.0
"""Seconds that an engine gets to end what it has, at most."""


@dataclass(frozen=True, slots=True)
class Opened:
    """An engine that takes tasks; None where this process makes everything itself."""

    engine: Engine | None
    place: Place | None

    def over(self, workers: Mapping[str, Worker], waits: Callable[[str, str], None]) -> dict[str, Worker]:
        """The workers of a run, whose jobs the engine carries out. waits: see `Remote`."""
        if self.engine is None or self.place is None:
            return dict(workers)
        made = {id(worker): Remote(worker, self.engine, self.place, waits) for worker in workers.values()}
        return {name: made[id(worker)] for name, worker in workers.items()}

    @property
    def notes(self) -> list[str]:
        """What a person is told at the end of the run."""
        return self.engine.notes if self.engine is not None else []

    def when_wider(self, call: Callable[[], None]) -> None:
        """Call this when the engine takes more at once."""
        if self.engine is not None:
            self.engine.when_wider = call


HERE: Final = Opened(None, None)


@contextlib.asynccontextmanager
async def opened(on: str, store: Store, shared: str) -> AsyncIterator[Opened]:
    """The engine that `on` names, with media in the shared store, or without one ("") in the project's own.
    Raises InputError when it cannot carry anything out."""
    if is_here(on):
        yield HERE
        return
    place = place_for(store, shared)
    engine = named(on)()
    try:
        await engine.open(place)
        yield Opened(engine, place)
    finally:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(engine.close(), CLOSING)
