"""Two states of a film → what differs, what that affects, and what it costs. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import fields, replace

from callsheet.dsl.graph import Graph, Instance
from callsheet.runtime import keys
from callsheet.runtime.diff.changes import AxisChange, Change, Changes, NodeChanges, Paid, What
from callsheet.runtime.diff.pairs import paired
from callsheet.runtime.diff.request import Output, outputs_in
from callsheet.runtime.diff.side import Side
from callsheet.runtime.diff.text_diff import Difference, differences
from callsheet.runtime.plan.too_short import TooShort, too_short
from callsheet.spec.types import NOTHING
from callsheet.spec.wording import shown

MADE: tuple[What, ...] = ("added", "changed", "affected")
Keys = tuple[str, ...]


def compare(old: Side, new: Side, known: Mapping[str, str] | None = None) -> Changes:
    """The differences between two states of one film. One of them may be empty.

    known: keys of requests that other films make as well, or made in the old state → the file of one.
    """
    graph = new.graph or old.graph
    assert graph is not None
    pairs = paired(old, new)
    axes = tuple(_axes(old.graph, new.graph))
    instances = tuple(_Comparison(old, new, pairs, axes, known or {}).changes())
    return Changes(
        pipeline=graph.name,
        old=old.label,
        new=new.label,
        instances=instances,
        axes=axes,
        nodes=_nodes(old, new, pairs),
        settings=tuple(_settings(old, new, pairs)),
        usd=_range(instances),
        unpriced=sum(c.usd is None for c in instances),
        prices=dict(_prices(new, instances)),
        film_usd=(_whole(old), _whole(new)),
        seconds=(_seconds(old), _seconds(new)),
        too_short=tuple(_too_short(old, new)),
    )


def _too_short(old: Side, new: Side) -> Iterator[TooShort]:
    """Shots of which the cut shows more than there will be, where it is more than before."""
    before = {shot.address: shot.shown for shot in _short_in(old)}
    for shot in _short_in(new):
        if shot.shown > before.get(shot.address, 0.0):
            yield shot


def _short_in(side: Side) -> tuple[TooShort, ...]:
    if side.graph is None:
        return ()
    return too_short(side.graph, {address: step.facts for address, step in side.steps.items()})


def _prices(new: Side, instances: tuple[Change, ...]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Where the prices of what is bought come from."""
    for change in instances:
        step = new.steps.get(change.address)
        if change.usd and step is not None and step.quote is not None:
            yield step.uses, (step.quote.origin, step.quote.date)


def _range(instances: tuple[Change, ...]) -> tuple[float, float]:
    sure = sum(c.usd or 0.0 for c in instances if c.sure)
    return round(sure, 6), round(sum(c.usd or 0.0 for c in instances), 6)


def _whole(side: Side) -> float:
    return round(side.draft.usd, 6) if side.draft else 0.0


def _seconds(side: Side) -> float | None:
    return side.draft.seconds if side.draft else 0.0


class _Comparison:
    def __init__(
        self,
        old: Side,
        new: Side,
        pairs: Mapping[str, str],
        axes: tuple[AxisChange, ...],
        known: Mapping[str, str],
    ) -> None:
        self.old, self.new, self.pairs, self.known = old, new, pairs, known
        self.names = {before: address for address, before in pairs.items()}
        self.reordered = any(axis.order for axis in axes)

    def changes(self) -> Iterator[Change]:
        """Instances of the new state in its order, then the removed ones."""
        made: dict[str, Change] = {}
        bought = set(self.old.keys.values())
        for address in self.new.steps:
            change = self._change(address, made)
            if change is None:
                continue
            made[address] = change
            yield self._with_cost(change, self.new.keys[address], bought)
            bought.add(self.new.keys[address])
        kept = set(self.pairs.values())
        for address, step in self.old.steps.items():
            if address not in kept:
                yield Change("removed", address, step.node, step.uses)

    def _with_cost(self, change: Change, key: str, bought: Collection[str]) -> Change:
        """The change with nothing to pay, where the same call is made for another instance or film, or is
        paid already."""
        if change.what == "renamed" or change.usd == 0.0:
            return change
        if key in bought:
            return replace(change, usd=0.0)
        if key in self.known:
            reason = f"as in {self.known[key]}" if change.what == "added" else change.reason
            return replace(change, usd=0.0, reason=reason)
        paid = self._paid(change.address)
        return change if paid is None else replace(change, usd=0.0, paid=paid)

    def _paid(self, address: str) -> Paid | None:
        made = self.new.locked.result(address) if self.new.locked else None
        if made is None:
            return None
        return Paid(made.usd, self.old.locked is not None and made.key in self.old.locked.results)

    def _change(self, address: str, made: Mapping[str, Change]) -> Change | None:
        step, before = self.new.steps[address], self.pairs.get(address)
        if before is None:
            most = self.new.most.get(address)
            reason = "new" if most is None else f"new, at most {most}"
            return Change("added", address, step.node, step.uses, step.usd, most is None, reason=reason)
        moved = before if before != address else ""
        if self.old.keys[before] == self.new.keys[address]:
            return self._renamed(address, before) if moved else None
        found = tuple(self._differences(before, address))
        through = all(self._only_what_is_gathered(d) for d in found)
        what: What = "affected" if through else "changed"
        cause = next((need for need in step.needs if need in made and made[need].what in MADE), "")
        reason = _reason(found, cause)
        sure = bool(found) and address not in self.new.most
        return Change(what, address, step.node, step.uses, step.usd, sure, moved, reason, found)

    def _renamed(self, address: str, before: str) -> Change:
        one, other = self.old.requests.instances[before], self.new.requests.instances[address]
        was = one.node if one.key == other.key else before
        step = self.new.steps[address]
        return Change("renamed", address, step.node, step.uses, before=before, reason=f"was {was}")

    def _differences(self, before: str, address: str) -> Iterator[Difference]:
        was, now = self.old.requests.instances[before].spec, self.new.requests.instances[address].spec
        if was.uses != now.uses:
            yield Difference("uses", was.uses, now.uses, f"uses: {was.uses} → {now.uses}")
        elif was.version != now.version:
            yield Difference("uses", was.version, now.version, f"{now.uses} is another version")
        yield from differences(
            self.old.requests.parameters(before, self._called_now), self.new.requests.parameters(address)
        )

    def _called_now(self, before: str) -> str:
        """The name of an old instance in the new state; its old name, if it was removed."""
        return self.names.get(before, before)

    def _only_what_is_gathered(self, difference: Difference) -> bool:
        """Whether a list differs only by instances that were added, removed or moved."""
        was, now = _outputs_of(difference.old), _outputs_of(difference.new)
        if was is None or now is None:
            return False
        before, after = [text for text in was if text in now], [text for text in now if text in was]
        return before == after or (self.reordered and sorted(before) == sorted(after))


def _outputs_of(value: object) -> dict[str, None] | None:
    """The texts of a list of outputs, in order; None for anything else, and if one occurs twice."""
    if not isinstance(value, list) or not all(isinstance(v, Output) for v in value):
        return None
    texts = dict.fromkeys(str(v) for v in value)
    return texts if len(texts) == len(value) else None


def _reason(found: tuple[Difference, ...], cause: str) -> str:
    if not found:
        return f"input {cause} changes" if cause else "one of its inputs changes"
    more = f", and {len(found) - 1} more" if len(found) > 1 else ""
    return found[0].reason + more


def _axes(old: Graph | None, new: Graph | None) -> Iterator[AxisChange]:
    before: Mapping[str, Keys] = old.axes if old else {}
    after: Mapping[str, Keys] = new.axes if new else {}
    for name in {**after, **before}:
        was, now = dict.fromkeys(before.get(name, ())), dict.fromkeys(after.get(name, ()))
        added, removed = tuple(k for k in now if k not in was), tuple(k for k in was if k not in now)
        stayed = tuple(k for k in now if k in was)
        moved = stayed != tuple(k for k in was if k in now)
        if added or removed or moved:
            yield AxisChange(name, added, removed, stayed if moved else ())


def _nodes(old: Side, new: Side, pairs: Mapping[str, str]) -> NodeChanges:
    before = dict.fromkeys(i.node for i in old.requests.instances.values())
    after = dict.fromkeys(i.node for i in new.requests.instances.values())
    renamed = {}
    for address, was in pairs.items():
        one, other = _node(old, was), _node(new, address)
        if one not in after and other not in before:
            renamed[one] = other
    come = tuple(n for n in after if n not in before and n not in renamed.values())
    gone = tuple(n for n in before if n not in after and n not in renamed)
    return NodeChanges(come, gone, renamed)


def _node(side: Side, address: str) -> str:
    return side.requests.instances[address].node


def _settings(old: Side, new: Side, pairs: Mapping[str, str]) -> Iterator[str]:
    """Differences that change how a run works, but no result."""
    if old.graph and new.graph:
        for name, before, after in (
            ("name", _own_name(old.graph), _own_name(new.graph)),
            ("budget", old.graph.budget, new.graph.budget),
        ):
            if before != after:
                yield f"{name}: {_text(before)} → {_text(after)}"
        yield from _outputs(old, new, pairs)
    found: dict[str, None] = {}
    for address, before in pairs.items():
        one, other = old.requests.instances[before], new.requests.instances[address]
        found.update(dict.fromkeys(_options(one, other)))
        most = old.most.get(before), new.most.get(address)
        if most[0] != most[1] and None not in most:
            found[f"{other.node}: at most {most[0]} → {most[1]}"] = None
        if one.alternatives or other.alternatives:
            found.update(dict.fromkeys(_alternatives(old, new, one, other, pairs)))
    yield from found


def _alternatives(
    old: Side, new: Side, before: Instance, after: Instance, pairs: Mapping[str, str]
) -> Iterator[str]:
    """How the alternatives of an instance differ: they are used only when the first endpoint fails."""
    was, now = ([other.spec.uses for other in i.alternatives] for i in (before, after))
    if was != now:
        yield f"{after.node}: fallback: {', '.join(was) or 'nothing'} → {', '.join(now) or 'nothing'}"
        return
    names = {one: address for address, one in pairs.items()}
    for number, uses in enumerate(now, 1):
        first = old.requests.of(before.as_alternative(number), lambda a: names.get(a, a))
        for difference in differences(first, new.requests.of(after.as_alternative(number))):
            yield f"{after.node}: fallback to {uses}: {difference.reason}"


def _own_name(graph: Graph) -> str:
    """The name that the file gives; "" where the film is named after the file."""
    return "" if graph.name == graph.path.stem else graph.name


def _options(old: Instance, new: Instance) -> Iterator[str]:
    for field in fields(old.options):
        before, after = getattr(old.options, field.name), getattr(new.options, field.name)
        if before != after:
            yield f"{new.node}: {field.name}: {_text(before)} → {_text(after)}"


def _outputs(old: Side, new: Side, pairs: Mapping[str, str]) -> Iterator[str]:
    assert old.graph and new.graph
    names = {before: address for address, before in pairs.items()}
    for name in {**old.graph.outputs, **new.graph.outputs}:
        was = old.requests.value(old.graph.outputs.get(name, NOTHING), lambda a: names.get(a, a))
        now = new.requests.value(new.graph.outputs.get(name, NOTHING))
        if was is NOTHING or now is NOTHING:
            yield f"output {name}: {'new' if was is NOTHING else 'gone'}"
        elif not keys.same(was, now) and not _gathers(was, now):
            yield f"output {name}: " + next(differences({"": was}, {"": now})).reason.removeprefix(": ")


def _gathers(was: object, now: object) -> bool:
    """Whether an output is a list over instances; differences in their number are changes of instances."""
    return isinstance(was, list) and isinstance(now, list) and any(True for _ in outputs_in([was, now]))


def _text(value: object) -> str:
    return "nothing" if value in (None, "") else shown(value)
