"""The state of the emulated provider: requests, files, faults, settings."""

from __future__ import annotations

import random
import uuid
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from callsheet.emulator.backend.billing import priced
from callsheet.emulator.backend.hub import Hub
from callsheet.emulator.backend.work_queue import WorkQueue
from callsheet.emulator.clock import Clock
from callsheet.emulator.faults.fault import Faults
from callsheet.emulator.faults.outcome import Outcome
from callsheet.emulator.http.endpoint import app
from callsheet.emulator.job import Generation
from callsheet.emulator.journal import Journal
from callsheet.emulator.results.media import Media
from callsheet.emulator.results.output import Maker
from callsheet.emulator.settings import Lifecycle, Settings
from callsheet.nodes.catalogue.templates import is_template
from callsheet.nodes.openapi.project_models import FOLDER, Models
from callsheet.nodes.registry import LOCAL, Registry
from callsheet.spec.node import NodeSpec, Specs

if TYPE_CHECKING:
    from callsheet.emulator.backend.webhook import Webhooks


class State:
    """One provider; `folder` holds its files."""

    def __init__(self, settings: Settings, folder: Path, specs: Specs | None = None) -> None:
        self.settings = settings
        self.specs = specs or Registry(own=Models(FOLDER.absolute()))
        self.clock = Clock(settings.time_scale, settings.clock_skew)
        self.journal = Journal()
        self.faults = Faults(settings.faults, settings.seed)
        self.media = Media(folder, self.clock)
        self.maker = Maker(self.media, settings.tiny)
        self.hub = Hub(settings.hub)
        self.generations: dict[str, Generation] = {}
        self.queue = self._new_queue()
        self._random = random.Random(settings.seed)

    def spec_of(self, endpoint: str) -> NodeSpec | None:
        """The catalogue's record, or that of the repository which the endpoint serves."""
        if spec := self.specs.find(endpoint):
            return spec
        uses = self.settings.models.get(endpoint) or self.hub.uses_of(endpoint)
        return self.specs.find(uses) if uses else None

    def listed_spec(self, endpoint: str) -> NodeSpec | None:
        """What the list of models has under this id; None for what is no endpoint."""
        if like := self.settings.models.get(endpoint):
            spec = self.specs.find(like)
            return replace(spec, uses=endpoint, status="active", gone="") if spec else None
        return self.specs.find(endpoint)

    def lifecycle(self, spec: NodeSpec) -> Lifecycle:
        """What the list of models says of an endpoint."""
        known: Lifecycle = "unlisted" if spec.gone else "active" if spec.status == "active" else "deprecated"
        return self.settings.lifecycle_of(spec.uses) or known

    @cached_property
    def lifecycles(self) -> Mapping[str, Lifecycle]:
        """Every endpoint of the provider → what its list says of it, by id."""
        names = {*self.settings.models, *(self.specs.all() if isinstance(self.specs, Registry) else ())}
        names = {name for name in names if not name.startswith(LOCAL) and not is_template(name)}
        specs = ((name, self.listed_spec(name)) for name in sorted(names))
        return {name: self.lifecycle(spec) for name, spec in specs if spec and spec.provider == "fal"}

    def accept(
        self,
        endpoint: str,
        body: Mapping[str, object],
        origin: str,
        outcome: Outcome,
        faults: Faults,
        webhook: str,
    ) -> Generation:
        """Create an accepted request; the caller adds it to the queue."""
        latency = self.settings.latency_of(endpoint)
        generation = Generation(
            id=str(uuid.uuid4()),
            endpoint=endpoint,
            app=app(endpoint),
            body=body,
            sent_at=self.clock.now(),
            seconds=self._random.uniform(latency.min, latency.max),
            origin=origin,
            outcome=outcome,
            faults=faults,
            webhook=webhook,
        )
        self.generations[generation.id] = generation
        return generation

    def reset(self) -> None:
        """Forget requests, files and faults that were added later; settings stay."""
        self.queue.stop()
        self.queue = self._new_queue()
        self.generations.clear()
        self.media.clear()
        self.journal.clear()
        self.clock.skew = self.settings.clock_skew
        self.faults = Faults(self.settings.faults, self.settings.seed)

    def stop(self) -> None:
        self.queue.stop()
        self.maker.stop()

    @cached_property
    def webhooks(self) -> Webhooks:
        from callsheet.emulator.backend.webhook import Webhooks

        return Webhooks(self.clock)

    def _new_queue(self) -> WorkQueue:
        return WorkQueue(self.clock, self.settings.concurrency, self._make, self._ended)

    async def _make(self, generation: Generation) -> object:
        return await self.maker.make(generation, self.spec_of(generation.endpoint))

    def _ended(self, generation: Generation) -> None:
        price = self.settings.price_of(generation.endpoint)
        units, generation.unit_price = priced(price, self.spec_of(generation.endpoint), generation.body)
        generation.units = units if generation.ok else 0.0
        if generation.webhook:
            self.webhooks.send(generation)
