"""On save: checks the film, plans it, and previews what changed. The page follows."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from callsheet.dsl.graph import Graph
from callsheet.errors import CallsheetError, PipelineError
from callsheet.review.message import Refusal
from callsheet.review.work import failure_of
from callsheet.runtime.execute.result import Result
from callsheet.spec.plural import plural
from callsheet.spec.project import SETTINGS, lock_path, project_root
from callsheet.spec.values import LocalFile, leaves

if TYPE_CHECKING:
    from callsheet.review.service import Service

MOST_NAMED: Final = 5
"""Files that are named at the end of a preview."""
LOOK_SECONDS: Final = 0.25
REST_SECONDS: Final = 0.3
"""How long files have to rest: editors write several times, and git many files."""
Stamps = dict[Path, tuple[int, int]]
Tell = Callable[[str], None]
"""Takes each line for the person at the terminal."""


class Watcher:
    """Watches every file that a film is read from, and its own media files."""

    def __init__(self, service: Service, tell: Tell) -> None:
        self._service, self._tell = service, tell
        self._files: set[Path] = _always(service.film.file)

    async def run(self) -> None:
        """Preview the film, and again after each save, until it is cancelled."""
        seen: Stamps = {}
        self._service.work.ended = self._ended
        while True:
            found = _stamps(self._files)
            if found != seen:
                found = await self._at_rest(found)
                await self._previewed()
                seen = {**_stamps(self._files), **found}
            await asyncio.sleep(LOOK_SECONDS)

    async def _at_rest(self, found: Stamps) -> Stamps:
        while True:
            await asyncio.sleep(REST_SECONDS)
            before, found = found, _stamps(self._files)
            if before == found:
                return found

    async def _previewed(self) -> None:
        """Check, plan, and start a preview; one that goes on ends first."""
        try:
            told = await self._service.in_turn(self._planned)
            self._tell(told)
            await asyncio.to_thread(self._service.work.end_of_preview)
            begun = await self._service.in_turn(lambda: self._service.purchases.preview({}))
            self._tell(f"preview: {plural(begun['total'], 'instance')}")
        except PipelineError as error:
            self._told(error)
            self._tell(str(error))
        except (CallsheetError, Refusal) as error:
            self._told(error)
            self._tell(f"{error.message}; {error.next_step}" if error.next_step else error.message)

    def _planned(self) -> str:
        """What a run would make now, in words."""
        graph = self._service.film.load()
        self._files = _always(self._service.film.file) | set(_read_by(graph))
        plan = self._service.purchases.price({})
        if not plan["count"]:
            return "nothing to make: all of it is made"
        return f"{plural(plan['count'], 'instance')} to make, {plan['price']['text']}"

    def _ended(self, result: Result) -> None:
        """Say what came of a preview; nothing where the next save ended it."""
        if result.failures:
            first = result.failures[0]
            self._tell(f"{result.status}: {first.address}: {first.message}")
        elif result.status != "interrupted":
            made = (str(path) for path in leaves(dict(result.outputs), Path))
            self._tell(", ".join((result.status, *islice(made, MOST_NAMED))))

    def _told(self, error: CallsheetError | Refusal) -> None:
        self._service.hub.tell("failed", failure_of(error))


def _always(file: Path) -> set[Path]:
    return {file, lock_path(file), project_root(file.parent) / SETTINGS}


def _read_by(graph: Graph) -> Iterable[Path]:
    """Texts that the film is read from, and media files of the user's."""
    yield from graph.files
    for instance in graph.instances.values():
        yield from (found.path for found in leaves(instance.params, LocalFile))


def _stamps(files: Iterable[Path]) -> Stamps:
    return {path: _stamp(path) for path in files}


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size
