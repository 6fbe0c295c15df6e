"""Saved plans. A saved plan is executed exactly as it was shown, once, or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Final

from pydantic import BaseModel

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime import keys
from callsheet.runtime.lock import Lock
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.plan_mark import MARK
from callsheet.runtime.plan.run_request import RunRequest
from callsheet.runtime.plan.stored_request import StoredRequest
from callsheet.runtime.store import atomic as disk
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec
from callsheet.spec.values import LocalFile, leaves

VERSION: Final = 1
LARGEST: Final = 256 * 1024 * 1024
MOST_TOLD: Final = 6
Step = tuple[str, str, str, float | None]
"""Address, action, key, USD."""


@dataclass(frozen=True, slots=True)
class PlanInputs:
    """Everything that a plan depends on. Digests are sha256, hex.

    files: path → digest, for texts and media files. models: `uses` → digest of the catalogue's entry.
    decided: address → takes, pick and approval. steps: address, action, key and price of each instance.
    """

    files: Mapping[str, str]
    models: Mapping[str, str]
    decided: Mapping[str, str]
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class PlanFile:
    """A saved plan. request: what it was made from. digest: sha256 of the file, hex."""

    path: Path
    digest: str
    request: RunRequest
    inputs: PlanInputs


class _Stored(BaseModel):
    """The part of a plan file that is read; the rest is for people."""

    record: StoredRequest
    ground: PlanInputs


def inputs_of(graph: Graph, forecasts: Sequence[Forecast], lock: Lock) -> PlanInputs:
    """What the forecasts of `graph` depend on now. Raises InputError for a file that cannot be read."""
    specs = {spec.uses: spec for i in graph.instances.values() for spec in i.specs}
    return PlanInputs(
        files=dict(sorted({**text_digests(graph), **_media(graph)}.items())),
        models={uses: model_digest(specs[uses]) for uses in sorted(specs)},
        decided={a: _decided(lock, a) for a in sorted(lock.instances) if lock.instances[a].decided},
        steps=tuple((f.step.address, f.action, f.key, f.step.usd) for f in forecasts),
    )


def saved(request: RunRequest, inputs: PlanInputs, shown: Mapping[str, object]) -> str:
    """The text of a plan file. shown: the plan as `--json` prints it."""
    data = {MARK: VERSION, **shown, "record": request.to_json(), "ground": asdict(inputs)}
    return json.dumps(data, ensure_ascii=False, indent=1) + "\n"


def write(path: Path, text: str) -> None:
    """Write a plan file. Raises StoreError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise disk.explained(error, path) from error
    new = disk.temporary(path.parent)
    disk.write_new(new, [text.encode()])
    disk.move(new, path)


def read(path: Path) -> PlanFile:
    """Read the saved plan at `path`. Raises InputError for any other file, or a plan of another version."""
    try:
        content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        data = json.loads(content)
        if data[MARK] != VERSION:
            raise InputError(f"{path} is a plan of another version of callsheet", "make a new one")
        stored = _Stored.model_validate(data)
    except OSError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise InputError(
            f"{path} is no plan of callsheet", "make one: callsheet plan FILE -o plan.json"
        ) from error
    return PlanFile(path, hashlib.sha256(content).hexdigest(), stored.record.request(), stored.ground)


def refuse_if_moved(plan: PlanFile, now: PlanInputs, again: str) -> None:
    """Raises InputError with what changed since the plan was saved. again: the command that makes a new
    plan."""
    found = list(moved(plan.inputs, now))
    if not found:
        return
    told = found[:MOST_TOLD]
    if len(found) > MOST_TOLD:
        told.append(f"and {len(found) - MOST_TOLD} more")
    raise InputError(
        f"{plan.path} is out of date, so nothing was made: " + "; ".join(told), f"look again: {again}"
    )


def moved(before: PlanInputs, now: PlanInputs) -> Iterator[str]:
    """What changed, one sentence each, causes before consequences."""
    yield from _changed(before.files, now.files, "{} changed", "{} is new", "{} is gone")
    other = "{} is another in the catalogue"
    yield from _changed(before.models, now.models, other, "{} is used now", "{} is not used any more")
    decided = "another decision about {} is in the lock"
    yield from _changed(before.decided, now.decided, decided, decided, decided)
    yield from _steps(before.steps, now.steps)


def claim(plan: PlanFile, state: Path) -> None:
    """Mark the plan as executed. It cannot be executed again, even if this run ends early.

    Raises InputError if it was executed before, StoreError.
    """
    place = state / "plans" / plan.digest
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(place, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except FileExistsError:
        raise InputError(
            f"{plan.path} was executed already; a plan is good for once",
            "callsheet resume goes on with an interrupted run; callsheet plan makes a new plan",
        ) from None
    except OSError as error:
        raise disk.explained(error, place) from error
    disk.sync_folder(place.parent)


def text_digests(graph: Graph) -> dict[str, str]:
    """Every text that `graph` was read from, by path → digest."""
    return {shown_path(path): digest for path, digest in graph.files.items()}


def _media(graph: Graph) -> Mapping[str, str]:
    ways = [
        i.as_alternative(n).params for i in graph.instances.values() for n in range(1 + len(i.alternatives))
    ]
    files: set[LocalFile] = {file for params in ways for file in leaves(params, LocalFile)}
    found = {}
    for file in files:
        try:
            found[shown_path(file.path)] = disk.digest(file.path)
        except OSError as error:
            raise InputError(f"{file.path} cannot be read: {error.strerror}") from error
    return found


def shown_path(path: Path) -> str:
    """`path` from the current folder, where it lies below it."""
    with contextlib.suppress(ValueError):
        return str(path.absolute().relative_to(Path.cwd()))
    return str(path)


def model_digest(spec: NodeSpec) -> str:
    """What stands for all that the catalogue says of a model."""
    return keys.digest({**describe(spec), "version": spec.version})


def _decided(lock: Lock, address: str) -> str:
    block = lock.instances[address]
    return json.dumps([block.takes, block.pick, block.approved])


def _changed(
    before: Mapping[str, str], now: Mapping[str, str], other: str, new: str, gone: str
) -> Iterator[str]:
    for name in dict.fromkeys((*before, *now)):
        if name not in now:
            yield gone.format(name)
        elif name not in before:
            yield new.format(name)
        elif before[name] != now[name]:
            yield other.format(name)


def _steps(before: Sequence[Step], now: Sequence[Step]) -> Iterator[str]:
    was, then = ({address: rest for address, *rest in steps} for steps in (before, now))
    for address in dict.fromkeys((*was, *then)):
        if address not in then:
            yield f"{address} is not there any more"
        elif address not in was:
            yield f"{address} is new"
        else:
            yield from _step(address, was[address], then[address])


def _step(address: str, was: Sequence[object], now: Sequence[object]) -> Iterator[str]:
    if was[0] != now[0]:
        yield f"{address} was “{was[0]}” in the plan and is “{now[0]}” now"
    elif was[1] != now[1]:
        yield f"{address} is another request now"
    elif was[2] != now[2]:
        yield f"{address} has another price now"
