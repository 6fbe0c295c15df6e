"""A store with a clip in it, tasks about that, and engines that carry them out."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

from callsheet.runtime.engines.engine import Engine
from callsheet.runtime.engines.project_folder import ProjectFolder
from callsheet.runtime.engines.task import Task, encoded_parameters, program
from callsheet.runtime.store.blobs import Store
from callsheet.spec.node import Made
from tests.grey_film import grey_shot


class Shop:
    """A store with one clip, and tasks about it."""

    def __init__(self, root: Path) -> None:
        self.store = Store(root / "state")
        self.store.prepare()
        self.place = ProjectFolder(self.store)
        grey_shot(str(root / "dawn"), 20, frames=48)
        self.clip = self.store.ingest(Made("video", root / "dawn.mp4"))

    def task(self, uses: str = "media/trim", address: str = "trimmed", **params: object) -> Task:
        """A task about the clip."""
        given = {"video": self.clip, **params}
        return Task(
            program(), "local", "local", uses, address, encoded_parameters(given), self.place.location
        )

    def slow(self, address: str = "slow", seconds: float = 400.0) -> Task:
        """A task that takes a second or more: so many seconds of film."""
        return self.task("media/loop", address, seconds=seconds)


def carried_out(make: Callable[[], Engine], shop: Shop, act: Callable[[Engine], Awaitable[object]]) -> object:
    """What `act` gives, with an open engine."""

    async def whole() -> object:
        engine = make()
        try:
            await engine.open(shop.place)
            return await act(engine)
        finally:
            await engine.close()

    return asyncio.run(whole())
