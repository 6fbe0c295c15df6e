"""What somebody agreed to when a run began, so that a run that goes on from it asks only for what is new."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from callsheet.dsl.graph import Graph
from callsheet.errors import NodeError
from callsheet.runtime.graph.arguments import LocalFiles
from callsheet.runtime.ledger import FREE, MICROS, Attempt, micros
from callsheet.runtime.plan.estimate import Cost
from callsheet.runtime.plan.plan_inputs import model_digest
from callsheet.spec.money import telling
from callsheet.spec.plural import plural
from callsheet.spec.values import LocalFile, leaves


@dataclass(frozen=True, slots=True)
class Agreement:
    """What somebody agreed to. Digests are sha256, hex.

    texts: the files that the pipeline was read from. others: media files of the user's, by path, and models,
    by `uses`. usd: micro-dollars at most, None where a budget on the command line was the answer. unpriced:
    calls without a known price. Files are named from the pipeline's folder, since a run may be resumed from
    another folder than it began in.
    """

    texts: Mapping[str, str]
    others: Mapping[str, str]
    usd: int | None
    unpriced: int

    def to_json(self) -> str:
        return json.dumps(asdict(self), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> Agreement | None:
        """None for a run of which nothing is known."""
        with contextlib.suppress(ValueError, TypeError):
            return cls(**json.loads(text))
        return None

    def news(self, now: Agreement, paid: list[Attempt]) -> Iterator[str]:
        """What goes beyond it, in words. now: what would be agreed to. paid: the calls made since."""
        for name in dict.fromkeys((*self.texts, *now.texts)):
            if self.texts.get(name) != now.texts.get(name):
                yield f"{name} changed" if name in self.texts and name in now.texts else f"{name} is another"
        for name in self.others.keys() & now.others.keys():
            if self.others[name] != now.others[name]:
                yield f"{name} changed"
        if self.usd is None:
            return
        total = (now.usd or 0) + sum(attempt.spent for attempt in paid)
        calls = now.unpriced + sum(a.reserved is None and a.state not in FREE for a in paid)
        if total > self.usd:
            tell = telling(total / MICROS, self.usd / MICROS)
            sums = f"{tell(total / MICROS)} in all, and {tell(self.usd / MICROS)} was agreed to"
            yield f"it would cost {sums}"
        if calls > self.unpriced:
            yield f"{plural(calls, 'call without a known price')} in all, and {self.unpriced} were agreed to"


def agreement(graph: Graph, cost: Cost, files: LocalFiles, by_budget: bool) -> Agreement:
    """What somebody agrees to who lets `graph` be made now. by_budget: a limit was the answer."""
    instances = [
        i.as_alternative(n) for i in graph.instances.values() for n in range(1 + len(i.alternatives))
    ]
    specs = {instance.spec.uses: instance.spec for instance in instances}
    others = {uses: model_digest(spec) for uses, spec in specs.items()}
    for file in {file for instance in instances for file in leaves(instance.params, LocalFile)}:
        with contextlib.suppress(NodeError):
            others[_named(file.path, graph)] = files.artifact(file).digest
    usd = None if by_budget else micros(cost.high)
    texts = {_named(path, graph): digest for path, digest in graph.files.items()}
    return Agreement(texts, others, usd, cost.unpriced)


def _named(path: Path, graph: Graph) -> str:
    """`path` from the folder of the pipeline."""
    real, folder = os.path.realpath(path), Path(os.path.realpath(graph.path)).parent
    try:
        return Path(os.path.relpath(real, folder)).as_posix()
    except ValueError:  # on another drive
        return Path(real).as_posix()
