"""A graph with axes over outputs: it gets more instances once these outputs are known, before or during a
run."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from callsheet.dsl.expand.dynamic_list import list_value
from callsheet.dsl.graph import Graph, PendingList
from callsheet.errors import InputError, NodeError
from callsheet.nodes.media.inspector import facts_of
from callsheet.runtime.graph.arguments import Results, look_up
from callsheet.runtime.graph.dag import remaining
from callsheet.runtime.graph.selection import select
from callsheet.runtime.plan.draft import Step, steps_of
from callsheet.runtime.plan.forecast import Forecast
from callsheet.runtime.plan.list_snapshots import ListSnapshots, ReadSnapshot, from_text, referenced, to_text
from callsheet.spec.media import Facts
from callsheet.spec.types import NOTHING
from callsheet.spec.values import Ref, refs_in

Settled = dict[str, dict[str, object]]
"""Address → output → its value, with references in place of media."""


@dataclass(frozen=True, slots=True)
class AddedInstances:
    """Instances that were added during a run. lists: address of a list → keys of its elements. steps: each
    after everything that it needs. urgency: address → seconds of work behind it."""

    graph: Graph
    lists: Mapping[str, tuple[str, ...]]
    steps: tuple[Step, ...]
    skipped: tuple[str, ...]
    urgency: Mapping[str, float]


class DynamicGraph:
    """The graph of one run, extended with every list that is known.

    chosen: the part of the graph that is made. preview: lists are invented, so they are cut to the `max` of
    their axis. snapshots: where a paid run keeps the lists that it used. refused: address → why its output is
    not a valid list. unapproved: addresses that have to be approved before their lists are used.
    """

    def __init__(self, graph: Graph, only: Sequence[str] = (), preview: bool = False) -> None:
        self.only, self.preview = tuple(only), preview
        self.snapshots: ListSnapshots | None = None
        self.refused: dict[str, NodeError] = {}
        self.unapproved: set[str] = set()
        self.graph = graph
        self.chosen = select(graph, only) if only else graph
        self._told = self.chosen
        self._facts: dict[str, Mapping[str, Facts]] = {}
        self._here: dict[str, Mapping[str, object]] = {}
        self._keys: dict[str, str] = {}
        self._bad: set[str] = set()
        self._turn = asyncio.Lock()

    @property
    def can_grow(self) -> bool:
        """Whether any list is still unknown."""
        return self.graph.dynamic is not None

    def extend_known(
        self, here: Mapping[str, Forecast], unapproved: Collection[str], snapshot: ReadSnapshot
    ) -> bool:
        """Add the instances of all lists that earlier runs made. Returns whether there were any."""
        self.unapproved = set(unapproved)
        self._here = {a: f.outputs or {} for a, f in here.items()}
        self._keys = {a: f.key for a, f in here.items()}
        ripe = self._ripe(self._here)
        settled: Settled = {}
        for address, output in _used(ripe):
            value = self._output(address, output)
            kept = snapshot(self._keys[address], output)
            value = value if kept is None else from_text(kept, address)
            settled.setdefault(address, {})[output] = value
        if ripe:
            self._try(ripe, settled)
        self._told = self.chosen
        return bool(ripe)

    def _try(self, ripe: Sequence[PendingList], settled: Settled) -> None:
        """Use all of these lists; if that fails, each of them that is valid."""
        try:
            self._grow(ripe, settled)
        except NodeError as error:
            if len(ripe) > 1:
                for pending in ripe:
                    self._try([pending], settled)
                return
            self._bad.add(ripe[0].address)
            self.refused |= dict.fromkeys(ripe[0].needs, error)

    def checked(self, found: Forecast) -> Forecast:
        """`found`, unless its output is not a valid list for an axis: then it has to be made again."""
        error = self.refused.get(found.step.address)
        return found if error is None else replace(found, action="make", reason=error.message, outputs=None)

    def start(self, steps: Sequence[Step], snapshots: ListSnapshots | None) -> None:
        """Begin a run with these steps. snapshots: None for a run that buys nothing."""
        self.snapshots = snapshots
        self._facts = {step.address: step.facts for step in steps}
        for address in self.refused:
            self._here.pop(address, None)
        self._bad.clear()

    async def finished(self, address: str, outputs: Mapping[str, object], key: str) -> AddedInstances | None:
        """The instances that are added by the outputs of `address`, made under `key`; None if there are none.

        Raises NodeError (*failed*) when an output is not a valid list for an axis.
        """
        if not self.can_grow or address in self.unapproved:
            return None
        self._here[address], self._keys[address] = outputs, key
        async with self._turn:
            while ripe := self._ripe(self._here):
                settled = await self._settle(ripe)
                try:
                    await asyncio.to_thread(self._grow, ripe, settled)
                except NodeError:
                    self._bad.update(pending.address for pending in ripe)
                    raise
            return await asyncio.to_thread(self._news)

    def _ripe(self, here: Results) -> list[PendingList]:
        """The lists whose outputs are all known."""
        if self.chosen.dynamic is None:
            return []
        return [
            pending
            for pending in self.chosen.dynamic.pending.values()
            if pending.address not in self._bad
            and all(need in here and need not in self.unapproved for need in pending.needs)
        ]

    def _output(self, address: str, output: str) -> object:
        return referenced(self._here[address].get(output, NOTHING), Ref(address, (output,)))

    async def _settle(self, ripe: Sequence[PendingList]) -> Settled:
        settled: Settled = {}
        for address, output in _used(ripe):
            value = self._output(address, output)
            if self.snapshots is not None and value is not NOTHING:
                keep = self.graph.instances[address].options.cache == "auto"
                text = await self.snapshots.settled(self._keys[address], output, to_text(value), keep)
                value = from_text(text, address)
            settled.setdefault(address, {})[output] = value
        return settled

    def _grow(self, ripe: Sequence[PendingList], settled: Settled) -> None:
        lists = {}
        for pending in ripe:
            value = list_value(pending.tree, lambda ref: look_up(ref, settled))
            if self.preview and isinstance(value, list):
                value = value[: pending.most]
            lists[pending.address] = value
        graph = self.graph.extended(lists)
        try:
            chosen = select(graph, self.only) if self.only else graph
        except InputError as error:
            raise NodeError(error.message, "failed", error.next_step) from None
        self.graph = graph
        self.chosen = replace(chosen, instances={**self.chosen.instances, **chosen.instances})

    def _news(self) -> AddedInstances | None:
        """The instances that were added since the last call."""
        before, after = self._told, self.chosen
        if after is before:
            return None
        self._told = after
        known = set(before.skipped)
        new = {a: i for a, i in after.instances.items() if a not in before.instances}
        steps = steps_of(after, new, self._facts, facts_of)
        needs = {s.address: tuple(n for n in s.needs if n in new) for s in steps}
        return AddedInstances(
            graph=after,
            lists={a: keys for a, keys in after.axes.items() if a not in before.axes},
            steps=steps,
            skipped=tuple(a for a in after.skipped if a not in known),
            urgency=remaining(needs, {step.address: step.seconds for step in steps}),
        )


def _used(ripe: Sequence[PendingList]) -> Iterator[tuple[str, str]]:
    """The outputs that these lists are computed from, each once."""
    refs = (ref for pending in ripe for ref in refs_in(pending.tree))
    yield from dict.fromkeys((ref.address, str(ref.path[0])) for ref in refs)
