"""Compares two runs of a project, from its ledger: their requests and costs."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from callsheet.errors import InputError
from callsheet.runtime.diff.request import File
from callsheet.runtime.diff.text_diff import Difference, differences
from callsheet.runtime.events import RunReused
from callsheet.runtime.ledger import MICROS, Attempt, LedgerReader, Run
from callsheet.spec.json_documents import CallChangeJson, CallJson, RunChangesJson
from callsheet.spec.values import map_leaves

PRESENT = ("node_finished", "node_failed", "node_blocked", "node_interrupted")


@dataclass(frozen=True, slots=True)
class Call:
    """A paid instance after a run. key: of its request. usd: what the run spent on it."""

    address: str
    endpoint: str
    key: str
    usd: float
    state: str
    parameters: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class CallChange:
    """An address whose call differs between two runs; `old` or `new` is None where there was none. taken:
    that run had the result from elsewhere, such as a shared store."""

    address: str
    old: Call | None
    new: Call | None
    differences: tuple[Difference, ...] = ()
    taken: bool = False

    @property
    def reason(self) -> str:
        if self.old is None:
            return "made again; the result before was not bought here" if self.taken else "new"
        if self.new is None:
            return "not bought here any more" if self.taken else "gone"
        if self.differences:
            return self.differences[0].reason
        return "called again" if self.old.state == self.new.state else f"{self.old.state} → {self.new.state}"

    def to_json(self) -> CallChangeJson:
        call = self.new or self.old
        assert call is not None
        return {
            "address": self.address,
            "uses": call.endpoint,
            "old": _call_json(self.old),
            "new": _call_json(self.new),
            "reason": self.reason,
        }


@dataclass(frozen=True, slots=True)
class RunChanges:
    """The differences between two runs.

    calls: those that differ, and those that one of the runs made. same: how many paid instances are the same
    in both. usd: spent by each run. status: how each ended, "" for one that still runs or was killed.
    """

    old: str
    new: str
    calls: tuple[CallChange, ...] = ()
    same: int = 0
    usd: tuple[float, float] = (0.0, 0.0)
    status: tuple[str, str] = ("", "")

    @property
    def any(self) -> bool:
        """Whether the two runs made different requests."""
        return any(c.old is None or c.new is None or c.old.key != c.new.key for c in self.calls)

    def to_json(self) -> RunChangesJson:
        return {
            "version": 1,
            "old": {"run": self.old, "status": self.status[0], "usd": self.usd[0]},
            "new": {"run": self.new, "status": self.status[1], "usd": self.usd[1]},
            "calls": [call.to_json() for call in self.calls],
            "same": self.same,
        }


def compare_runs(ledger: LedgerReader, old: Run, new: Run) -> RunChanges:
    """Compare the requests and costs of two runs. Raises InputError for a run whose events were shortened."""
    attempts = ledger.attempts()
    was, now = _calls(ledger, old, attempts), _calls(ledger, new, attempts)
    taken = {*_present(ledger, old)} - was.keys() | {*_present(ledger, new)} - now.keys()
    found = [_change(address, was.get(address), now.get(address), taken) for address in {**was, **now}]
    calls = tuple(change for change in found if _tells(change))
    return RunChanges(
        old.name,
        new.name,
        calls,
        len(found) - len(calls),
        (ledger.spent(old.id) / MICROS, ledger.spent(new.id) / MICROS),
        (old.status, new.status),
    )


def _tells(change: CallChange) -> bool:
    return not (change.old and change.new and change.old.key == change.new.key and not change.new.usd)


def _calls(ledger: LedgerReader, run: Run, attempts: Sequence[Attempt]) -> dict[str, Call]:
    """Every paid instance of a run: those that it called, and those that it reused."""
    own = [a for a in attempts if a.run == run.id]
    taken = {a.address: a for a in attempts if a.run < run.id and a.state == "COMMITTED"}
    newest = {**{a: taken[a] for a in _present(ledger, run) if a in taken}, **{a.address: a for a in own}}
    spent: dict[str, float] = {}
    for attempt in own:
        spent[attempt.address] = spent.get(attempt.address, 0.0) + attempt.usd
    return {address: _call(attempt, spent.get(address, 0.0)) for address, attempt in sorted(newest.items())}


def _present(ledger: LedgerReader, run: Run) -> Iterator[str]:
    for line in ledger.events(run.id):
        event = json.loads(line)
        if event.get("event") in PRESENT:
            yield event["address"]
        elif event.get("event") == RunReused.event:
            if len(event["files"]) < event["count"]:
                raise InputError(
                    f"what {run.name} reused is not known any more: `cache gc` shortened its events",
                    "compare newer runs, or two revisions of the file",
                )
            yield from event["files"]


def _call(attempt: Attempt, usd: float) -> Call:
    body = json.loads(attempt.body)
    if attempt.nonce:
        body.pop("seed", None)
    media = {place: File("file", place, digest) for place, digest in attempt.inputs.items()}
    given = {n: media.get(n, v) for n, v in body.items()}
    nested = {place: file for place, file in media.items() if place not in body}
    holders = {n for n in given if any(place.startswith(n) for place in nested)}
    given = {n: map_leaves(v, _without_urls) if n in holders else v for n, v in given.items()}
    return Call(attempt.address, attempt.endpoint, attempt.key, usd, attempt.state, {**given, **nested})


def _without_urls(leaf: object) -> object:
    """The URL of a file at a provider differs with every upload; its digest is compared instead."""
    return "…" if isinstance(leaf, str) and leaf.startswith(("https://", "http://", "data:")) else leaf


def _change(address: str, old: Call | None, new: Call | None, taken: Collection[str]) -> CallChange:
    if old is None or new is None or old.key == new.key:
        return CallChange(address, old, new, taken=address in taken)
    found = list(differences(old.parameters, new.parameters))
    if old.endpoint != new.endpoint:
        uses = Difference("uses", old.endpoint, new.endpoint, f"uses: {old.endpoint} → {new.endpoint}")
        found.insert(0, uses)
    return CallChange(address, old, new, tuple(found))


def _call_json(call: Call | None) -> CallJson | None:
    return None if call is None else {"endpoint": call.endpoint, "usd": call.usd, "state": call.state}
