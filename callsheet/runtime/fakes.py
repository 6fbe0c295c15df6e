"""A provider and an inspector that need no media libraries: for tests of pipelines and of callsheet itself.

>>> from callsheet.runtime.fakes import FakeProvider
>>> FakeProvider(seconds=0.5, failing={'clip["dawn"]': "the model refused"})
FakeProvider('fake')
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from callsheet.dsl.types import Choice, ListOf, Maybe, Media, MediaKind, OneOf, Record, Scalar, Type
from callsheet.errors import NodeError
from callsheet.nodes.artifact import Facts
from callsheet.nodes.job import Job, Made

ENDINGS: Final[Mapping[MediaKind, str]] = {"image": ".png", "video": ".mp4", "audio": ".wav", "file": ".bin"}
SCALARS: Final[Mapping[str, object]] = {"string": "words", "integer": 7, "number": 0.5, "boolean": True}
STEP: Final = 0.02
"""Seconds between two looks at `cancelled` and two reports of progress."""


class FakeProvider:
    """Makes whatever the spec promises: files of a few bytes that say what they are.

    limit: jobs at once. seconds: how long each takes. failing: address → what it says when it fails; an
    exception is raised as it is. calls: the addresses asked for, in order; most: how many at once so far.
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
        """Wait, then deliver or fail as told."""
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
    """A value of type `t`; media are files in the work folder, first bytes their kind."""
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
    """Believes the first word of a file, as `FakeProvider` writes it."""

    def identify(self, path: Path) -> MediaKind | None:
        word = path.read_bytes().split(b" ")[0].decode("ascii", "replace")
        return next((kind for kind in ENDINGS if kind == word), None)

    def probe(self, path: Path) -> Facts:
        return Facts(seconds=2.0, width=64, height=36, fps=24.0, audio=False)
