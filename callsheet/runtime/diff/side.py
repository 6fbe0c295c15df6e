"""One state of a film: its plan, its requests, and keys that do not depend on names."""

from __future__ import annotations

import contextlib
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from callsheet.dsl.graph import Graph, Instance, Unknown
from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime import keys
from callsheet.runtime.diff.locked import Locked
from callsheet.runtime.diff.request import Files, Requests
from callsheet.runtime.plan.draft import Draft, Step, draft, price_of
from callsheet.runtime.store import atomic as disk
from callsheet.spec.values import LocalFile, leaves


@dataclass(frozen=True, slots=True)
class Side:
    """One state. label: its name for the user. plan: None where the file does not exist.

    steps: by address, in topological order. keys: address → key, which covers everything that it needs. most:
    address of a sample, which stands for the instances on axes that are not known before the run → how many
    there may be. locked: what lock files say of it, None where nobody asked.
    """

    label: str
    draft: Draft | None
    requests: Requests
    steps: Mapping[str, Step] = field(default_factory=dict)
    keys: Mapping[str, str] = field(default_factory=dict)
    most: Mapping[str, int] = field(default_factory=dict)
    locked: Locked | None = None

    @property
    def graph(self) -> Graph | None:
        return self.draft.graph if self.draft else None


def side_of(label: str, graph: Graph | None) -> Side:
    """The state that `graph` describes, with the prices of making all of it; the user's own files are read.
    An empty one for None."""
    if graph is None:
        return Side(label, None, Requests({}, {}))
    work = draft(graph, facts_of)
    unknown = graph.dynamic.unknown() if graph.dynamic else ()
    instances = {**graph.instances, **{u.sample.address: u.sample for u in unknown}}
    requests = Requests(instances, digests_of(instances.values()))
    steps = {step.address: step for step in work.steps}
    steps |= {u.sample.address: _sampled(u, work, instances) for u in unknown}
    most = {u.sample.address: u.most for u in unknown}
    return Side(label, work, requests, steps, _keys(requests, steps, most), most)


def _sampled(unknown: Unknown, work: Draft, instances: Mapping[str, Instance]) -> Step:
    """The step for all instances that a sample stands for. needs: everything that any of them needs."""
    sample = unknown.sample
    facts = {step.address: step.facts for step in work.steps}
    usd = price_of(sample, work.graph.instances, facts, facts_of)
    total = None if usd is None else usd * unknown.most
    needs = tuple(a for a, i in instances.items() if i.node in unknown.after and a != sample.address)
    return Step(sample.address, sample.node, sample.spec.uses, sample.spec.provider, needs, total, {}, 0.0)


def _keys(requests: Requests, steps: Mapping[str, Step], samples: Container[str]) -> dict[str, str]:
    """The key of each instance. A sample depends on all instances that it may need."""
    found: dict[str, str] = {}
    for address, step in steps.items():
        own = requests.key(address, lambda need: found.get(need, need))
        before = [found.get(need, need) for need in step.needs]
        found[address] = keys.digest([own, before]) if address in samples else own
    return found


def digests_of(instances: Iterable[Instance]) -> Files:
    """The digest of every file of the user's that is used; "" for one that cannot be read."""
    found: dict[Path, str] = {}
    for instance in instances:
        others = [dict(other.params) for other in instance.alternatives]
        for file in leaves([dict(instance.params), *others], LocalFile):
            if file.path not in found:
                with contextlib.suppress(OSError):
                    found[file.path] = disk.digest(file.path)
    return found
