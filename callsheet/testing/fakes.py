"""Fakes that need no media libraries, for tests of pipelines and of callsheet itself.

>>> from callsheet.testing.fakes import FakeProvider
>>> FakeProvider(seconds=0.5, failing={'clip["dawn"]': "the model refused"})
FakeProvider('fake')
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from callsheet.dsl.diagnostics.source import Source, Span
from callsheet.dsl.graph import Graph, Instance
from callsheet.errors import NodeError
from callsheet.spec.media import Facts
from callsheet.spec.node import Job, Made, NodeSpec
from callsheet.spec.types import Choice, Field, ListOf, Maybe, Media, MediaKind, OneOf, Record, Scalar, Type
from callsheet.spec.values import refs_in

if TYPE_CHECKING:
    from callsheet.runtime.calls.protocol import PaidProvider
    from callsheet.runtime.events import Emit
    from callsheet.runtime.execute.result import Result
    from callsheet.runtime.workspace import Workspace
    from callsheet.spec.node import Worker

ENDINGS: Final[Mapping[MediaKind, str]] = {"image": ".png", "video": ".mp4", "audio": ".wav", "file": ".bin"}
SCALARS: Final[Mapping[str, object]] = {"string": "words", "integer": 7, "number": 0.5, "boolean": True}
STEP: Final = 0.02
"""Seconds between two looks at `cancelled` and two reports of progress."""


class FakeProvider:
    """Makes every output that a spec names; media are files of a few bytes that begin with their kind.

    limit: jobs at once. seconds: how long each takes. failing: address → message of its failure, or an
    exception to raise. calls: the addresses asked for, in order. most: how many jobs ran at once so far.
    """

    version = "1"

    def __init__(
        self,
        limit: int = 8,
        seconds: float = 0.0,
        failing: Mapping[str, str | Exception] | None = None,
        name: str = "fake",
    ) -> None:
        self.name = name
        self.limit = limit
        self.seconds = seconds
        self.failing = dict(failing or {})
        self.calls: list[str] = []
        self.most = 0
        self._now = 0

    def __repr__(self) -> str:
        return f"FakeProvider({self.name!r})"

    async def perform(self, job: Job) -> Mapping[str, object]:
        """Wait, then return the outputs or raise NodeError."""
        self.calls.append(job.address)
        self._now += 1
        self.most = max(self.most, self._now)
        try:
            await self._work(job)
        finally:
            self._now -= 1
        return {name: made(t, job, name) for name, t in job.spec.outputs.items()}

    async def _work(self, job: Job) -> None:
        steps = round(self.seconds / STEP)
        for step in range(steps):
            if job.cancelled():
                raise NodeError("stopped", "failed")
            job.progress(step / steps)
            await asyncio.sleep(STEP)
        wrong = self.failing.get(job.address)
        if isinstance(wrong, Exception):
            raise wrong
        if wrong is not None:
            raise NodeError(wrong, "failed", "change it")


def made(t: Type, job: Job, place: str) -> object:
    """Return a value of type `t`. A media file in the work folder begins with the word of its kind."""
    match t:
        case Media(kind):
            path = job.workdir / f"{place}{ENDINGS[kind]}"
            path.write_text(f"{kind} {job.spec.uses} {job.address} {place} {sorted(map(str, job.params))}")
            return Made(kind, path)
        case ListOf(item):
            return [made(item, job, f"{place}-{i}") for i in range(2)]
        case Maybe(inner):
            return made(inner, job, place)
        case Record(fields):
            return {name: made(f.type, job, f"{place}-{name}") for name, f in fields.items()}
        case Choice(values):
            return values[0]
        case OneOf(options):
            return made(options[0], job, place)
        case Scalar(name):
            return SCALARS.get(name)
    raise TypeError(f"no fake of {t}")


class FakeInspector:
    """Takes the first word of a file as its kind, as `FakeProvider` writes it."""

    def unreadable(self, path: Path) -> str:
        return ""

    def identify(self, path: Path) -> MediaKind | None:
        word = path.read_bytes().split(b" ")[0].decode("ascii", "replace")
        return next((kind for kind in ENDINGS if kind == word), None)

    def probe(self, path: Path) -> Facts:
        return Facts(seconds=2.0, width=64, height=36, fps=24.0, audio=False)


def fake_spec(
    uses: str = "fake/clip",
    outputs: Mapping[str, Type] | None = None,
    inputs: Mapping[str, Field] | None = None,
    provider: str = "fal",
) -> NodeSpec:
    """A spec that makes one video of two seconds, unless told otherwise."""
    made_of = outputs or {"video": Media("video")}
    facts = {name: Facts(seconds=2.0) for name in made_of}
    return NodeSpec(uses, provider, "fake", inputs or {}, made_of, lambda _: facts)


def fake_instance(
    address: str, spec: NodeSpec, params: Mapping[str, object] | None = None, needs: Sequence[str] = ()
) -> Instance:
    """An instance at `address` (`clip["dawn"]`), needing what its parameters refer to and `needs`."""
    node, _, key = address.partition("[")
    params = params or {}
    waits = {*needs, *(ref.address for value in params.values() for ref in refs_in(value))}
    span = Span(Source(Path("film.yaml"), ""), 0, 0)
    keys = tuple(map(str, json.loads(f"[{key}"))) if key else ()
    return Instance(address, node, keys, spec, params, tuple(sorted(waits)), span)


def fake_graph(
    instances: Sequence[Instance],
    outputs: Mapping[str, object] | None = None,
    name: str = "fake",
    skipped: tuple[str, ...] = (),
) -> Graph:
    """A graph as the compiler would give it."""
    by_address = {instance.address: instance for instance in instances}
    return Graph(name, Path("film.yaml"), by_address, outputs or {}, skipped)


def run_with(
    providers: Mapping[str, Worker | PaidProvider] | None,
    graph: Graph,
    workspace: Workspace | None = None,
    emit: Emit = lambda _: None,
    **options: Any,
) -> Result:
    """Run `graph` with these providers, by the names that specs have for them, instead of the real ones.

    workspace: the project; without one, that of the current folder. emit: takes each event. options: those of
    `RunOptions`.
    """
    from callsheet.runtime.plan.run_options import RunOptions
    from callsheet.runtime.prepare import prepare
    from callsheet.runtime.run import run
    from callsheet.runtime.workspace import Workspace

    with workspace or Workspace() as project:
        return run(prepare(graph, project, RunOptions(**options), providers), emit)
