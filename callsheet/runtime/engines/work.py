"""All that a worker runs: `work`. It knows nothing of ledgers, paid calls and the scheduler."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import nullcontext
from contextvars import ContextVar
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from tempfile import gettempdir
from typing import Final

from callsheet.errors import CallsheetError, NodeError
from callsheet.nodes.providers import provider_called
from callsheet.runtime.crash_report import report
from callsheet.runtime.engines.look import look
from callsheet.runtime.engines.parts import Missing, PartsMade, WorkerParts
from callsheet.runtime.engines.place import Place
from callsheet.runtime.engines.places import place_at
from callsheet.runtime.engines.shared_place import without_waiting
from callsheet.runtime.engines.task import Answer, Task, error_fields, program
from callsheet.runtime.engines.where import here, host
from callsheet.runtime.store.output_codec import decoded, encoded
from callsheet.spec.disk_errors import FULL, explained
from callsheet.spec.media import Artifact
from callsheet.spec.node import Job, Made, NodeSpec, Outputs
from callsheet.spec.values import map_leaves


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a worker gives a job. progress: takes 0 to 1. cancelled: whether the task was called back."""

    progress: Callable[[float], None] = lambda _: None
    cancelled: Callable[[], bool] = lambda: False


ALONE: Final = Surroundings()
SURROUNDINGS: Final[ContextVar[Surroundings]] = ContextVar("surroundings", default=ALONE)


def work(text: str) -> str:
    """Carry out one task. Takes a `Task` and gives an `Answer`, both as JSON; raises nothing that a task can
    cause."""
    began = time.perf_counter()
    try:
        answer = _answer(text)
    except CallsheetError as error:
        known = error if isinstance(error, NodeError) else NodeError(error.message, "local", error.next_step)
        answer = Answer(here(), error=error_fields(known))
    except Exception as error:
        answer = Answer(here(), error=error_fields(_full_disk(error) or _bug(error, text)))
    return replace(answer, seconds=round(time.perf_counter() - began, 6)).to_json()


def _answer(text: str) -> Answer:
    task = Task.from_json(text)
    if task is None:
        return Answer(here(), other=program())
    with without_waiting() if task.maker == "look" else nullcontext():
        return _made(task, _place(task.store))


def _made(task: Task, place: Place) -> Answer:
    told: list[str] = []
    around = SURROUNDINGS.get()
    params = decoded(task.params, place.path)
    if not isinstance(params, dict):
        raise NodeError("a task without parameters", "bug")
    parts = _parts(task, place)
    with place.workdir() as folder:
        job = Job(
            task.address,
            _spec(task),
            params,
            folder,
            around.progress,
            around.cancelled,
            told.append,
            parts,
            ahead=parts.ahead,
        )
        try:
            outputs = _kept(_performed(task, job), place)
        except Missing as needed:
            return Answer(here(), missing=needed.keys)
        except PartsMade:
            outputs = {}
    made = {key: encoded(part) for key, part in parts.made.items()}
    return Answer(here(), outputs=encoded(outputs), parts=made, told=tuple(told))


def _parts(task: Task, place: Place) -> WorkerParts:
    given = {key: decoded(part, place.path) for key, part in task.parts.items()}
    return WorkerParts(place, {k: p for k, p in given.items() if isinstance(p, Artifact)}, task.asked)


def _spec(task: Task) -> NodeSpec:
    from callsheet.nodes.media.operations.index import OPERATIONS

    if task.maker == "look":
        return NodeSpec("look", "local", "look", {}, {})
    if task.maker == "local":
        return OPERATIONS[task.uses].SPEC
    spec = provider_called(task.provider).find(task.uses)
    if spec is None:
        raise NodeError(
            f"{task.uses} is not known on this worker", "local", "install the same callsheet there"
        )
    return spec


def _performed(task: Task, job: Job) -> Outputs:
    if task.maker == "look":
        return look(job)
    if task.maker == "local":
        from callsheet.nodes.local import perform as perform_locally

        return perform_locally(job)
    from callsheet.nodes.preview.answers import Known
    from callsheet.nodes.preview.perform import perform as preview

    return preview(job, Known(size=task.size))


def _kept(outputs: Outputs, place: Place) -> Mapping[str, object]:
    """The outputs with their files in the place, which is done before anybody hears of them."""

    def kept(leaf: object) -> object:
        return place.keep(leaf) if isinstance(leaf, Made) else leaf

    return {name: map_leaves(value, kept) for name, value in outputs.items()}


@lru_cache(maxsize=4)
def _place(location: str) -> Place:
    return place_at(location)


def _full_disk(error: Exception) -> NodeError | None:
    """The error of a worker whose disk takes no more; None for any other."""
    if not isinstance(error, OSError) or error.errno not in FULL:
        return None
    told = explained(error, Path(error.filename or Path(gettempdir(), "…")))
    return NodeError(f"{told.message} (on {host()})", "local", told.next_step)


def _bug(error: Exception, text: str) -> NodeError:
    bug = NodeError(
        f"callsheet has a bug here ({type(error).__name__}); the other nodes go on",
        "bug",
        "please report it, with the report below",
    )
    bug.report = report(error, f"on a worker, a task of {len(text)} characters")
    return bug
