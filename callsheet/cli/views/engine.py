"""What an engine is doing, as lines."""

from __future__ import annotations

from collections.abc import Iterator

from callsheet.cli.views.wording import printable
from callsheet.runtime.engines.status import EngineStatus, EngineWorker
from callsheet.spec.plural import plural


def engine_lines(found: EngineStatus) -> Iterator[str]:
    """Its slots, each worker with what is wrong with it, and why a task would wait."""
    busy = f", {found.busy} busy" if found.busy else ""
    waiting = f", {plural(found.waiting, 'task')} waiting" if found.waiting else ""
    yield printable(f"{found.engine}: {plural(found.slots, 'slot')}{busy}{waiting}")
    yield printable(f"  {found.program}")
    for worker in found.workers:
        yield from _worker(worker)
    if found.unrunnable:
        yield f"no worker here can be given {plural(found.unrunnable, 'task')}"
    yield f"a new task waits: {printable(found.why)}" if found.why else "a new task begins at once"


def _worker(worker: EngineWorker) -> Iterator[str]:
    if worker.problem:
        yield printable(f"  {worker.where}  not used: {worker.problem}")
        yield printable(f"    help: {worker.next_step}")
    else:
        yield printable(f"  {worker.where}  {plural(worker.slots, 'slot')}, {worker.busy} busy")
