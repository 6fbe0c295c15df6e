"""What a plan depends on: files, models, decisions and steps, compared to say what changed."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from callsheet.dsl.graph import Graph
from callsheet.errors import InputError
from callsheet.runtime import keys
from callsheet.runtime.lock import Lock
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.store import atomic as disk
from callsheet.spec.describe import describe
from callsheet.spec.node import NodeSpec
from callsheet.spec.values import LocalFile, leaves

Step = tuple[str, str, str, float | None]
"""Address, action, key, USD."""
CERTAIN_BY_NOW: Final = ("may change", "make")
"""Plans of earlier versions have the first action where the second is known today. The cost that they showed
includes it."""


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


def inputs_of(graph: Graph, forecasts: Sequence[Forecast], lock: Lock) -> PlanInputs:
    """What the forecasts of `graph` depend on now. Raises InputError for a file that cannot be read."""
    specs = {spec.uses: spec for i in graph.instances.values() for spec in i.specs}
    return PlanInputs(
        files=dict(sorted({**text_digests(graph), **_media(graph)}.items())),
        models={uses: model_digest(specs[uses]) for uses in sorted(specs)},
        decided={a: _decided(lock, a) for a in sorted(lock.instances) if lock.instances[a].decided},
        steps=tuple((f.step.address, f.action, f.key, f.step.usd) for f in forecasts),
    )


def moved(before: PlanInputs, now: PlanInputs) -> Iterator[str]:
    """What changed, one sentence each, causes before consequences."""
    yield from _changed(before.files, now.files, "{} changed", "{} is new", "{} is gone")
    other = "{} is another in the catalogue"
    yield from _changed(before.models, now.models, other, "{} is used now", "{} is not used any more")
    decided = "another decision about {} is in the lock"
    yield from _changed(before.decided, now.decided, decided, decided, decided)
    yield from _steps(before.steps, now.steps)


def text_digests(graph: Graph) -> dict[str, str]:
    """Every text that `graph` was read from, by path → digest."""
    return {shown_path(path): digest for path, digest in graph.files.items()}


def _media(graph: Graph) -> Mapping[str, str]:
    given = [
        i.as_alternative(n).params for i in graph.instances.values() for n in range(1 + len(i.alternatives))
    ]
    files: set[LocalFile] = {file for params in given for file in leaves(params, LocalFile)}
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
    approved = ",".join(sorted(block.approved))
    about = [d.digest for d in block.rejected] + ([block.picked.digest] if block.picked else [])
    return json.dumps([block.takes, block.pick, approved, *filter(None, about)])


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
    if was[0] != now[0] and (was[0], now[0]) != CERTAIN_BY_NOW:
        yield f"{address} was “{was[0]}” in the plan and is “{now[0]}” now"
    elif was[1] != now[1]:
        yield f"{address} is another request now"
    elif was[2] != now[2]:
        yield f"{address} has another price now"
