"""What both forms have in common: one line that says it all, and the rows of the table."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from callsheet.cli.views.wording import price
from callsheet.runtime.diff.changes import Change, Changes, What
from callsheet.runtime.diff.film_changes import FilmsChanges
from callsheet.runtime.diff.runs import CallChange, RunChanges
from callsheet.spec.money import money
from callsheet.spec.plural import plural

MARKS: Final[dict[What, str]] = {
    "added": "+",
    "removed": "-",
    "changed": "~",
    "affected": "*",
    "renamed": ">",
}


@dataclass(frozen=True, slots=True)
class Row:
    """Instances of one node that differ in the same way. why: their reason; several: there are others."""

    mark: str
    name: str
    count: int
    uses: str
    cost: str
    why: str
    several: bool = False


def rows(changes: Changes, each: bool = False) -> list[Row]:
    """One row for each node and way to differ, or with `each` one for each instance."""
    groups: dict[tuple[str, What], list[Change]] = {}
    for change in changes.instances:
        groups.setdefault((change.address if each else change.node, change.what), []).append(change)
    return [_row(name, what, found) for (name, what), found in groups.items()]


def _row(name: str, what: What, found: Sequence[Change]) -> Row:
    reasons = list(dict.fromkeys(change.reason for change in found if change.reason))
    why = reasons[0] if reasons else ""
    return Row(MARKS[what], name, len(found), found[0].uses, _cost(found), why, len(reasons) > 1)


def _cost(found: Sequence[Change]) -> str:
    if any(change.usd is None for change in found):
        return "unpriced"
    total = sum(change.usd or 0.0 for change in found)
    paid = sum(change.paid is not None for change in found)
    if total:
        return f"{money(total)}, {paid} paid" if paid else money(total)
    return "paid" if paid else ""


def summary(changes: Changes) -> str:
    """`+2 shots, 1 changed, 4 remade · +$1.20 to $3.20 · +16 s`"""
    if not changes.any:
        return "no differences"
    costs = (added_usd(changes), *paid_usd(changes))
    parts = [", ".join(_counts(changes)), *costs, _seconds(changes)]
    return " · ".join(part for part in parts if part)


def _counts(changes: Changes) -> Iterator[str]:
    for name, (added, removed) in _keys(changes).items():
        for sign, count in (("+", added), ("-", removed)):
            if count:
                yield f"{sign}{plural(count, name)}"
    nodes = changes.nodes
    for sign, names in (("+", nodes.added), ("-", nodes.removed)):
        if names:
            yield f"{sign}{plural(len(names), 'node')}"
    if changes.count("added") and not nodes.added and not any(a.added for a in changes.axes):
        yield f"+{plural(changes.count('added'), 'instance')}"
    if changes.count("removed") and not nodes.removed and not any(a.removed for a in changes.axes):
        yield f"-{plural(changes.count('removed'), 'instance')}"
    words: tuple[tuple[What, str], ...] = (
        ("changed", "changed"),
        ("affected", "remade"),
        ("renamed", "renamed"),
    )
    yield from (f"{count} {word}" for what, word in words if (count := changes.count(what)))
    if any(axis.order for axis in changes.axes):
        yield "reordered"
    if changes.settings:
        yield plural(len(changes.settings), "setting")


def _keys(changes: Changes) -> dict[str, tuple[int, int]]:
    """Axis → how many keys came and went; `shot["act1"]` and `shot["act2"]` are both shots."""
    found: dict[str, tuple[int, int]] = {}
    for axis in changes.axes:
        name = axis.name.partition("[")[0]
        added, removed = found.get(name, (0, 0))
        found[name] = added + len(axis.added), removed + len(axis.removed)
    return found


def paid_usd(changes: Changes | FilmsChanges) -> Iterator[str]:
    """What lock files say is paid already: `$0.41 paid in this branch`."""
    for before, when in ((False, "in this branch"), (True, "before")):
        usd = changes.paid(before)
        if usd is not None:
            yield f"{money(usd)} paid {when}" if usd else f"paid {when}"


def added_usd(changes: Changes | FilmsChanges) -> str:
    """What making the differences costs: `+$1.20 to $3.20`; "" when nothing is bought."""
    low, high = changes.usd
    if not high and not changes.unpriced:
        return ""
    if low == high:
        return f"+{price(high, changes.unpriced)}"
    return f"+{money(low)} to {price(high, changes.unpriced)}"


def _seconds(changes: Changes) -> str:
    added = changes.seconds_added
    return f"{added:+.4g} s" if added else ""


def order(keys: Sequence[str], most: int = 12) -> str:
    """Some keys, and how many more."""
    more = f" and {len(keys) - most} more" if len(keys) > most else ""
    return ", ".join(keys[:most]) + more


def run_summary(changes: RunChanges) -> str:
    """`2 called, 7 alike · $5.56 → $0.40`"""
    parts = [f"{len(changes.calls)} called or gone"] if changes.calls else []
    parts += [f"{changes.same} alike"] if changes.same else []
    spent = f"{money(changes.usd[0])} → {money(changes.usd[1])}"
    return f"{', '.join(parts) or 'nothing was bought'} · {spent}"


def run_row(call: CallChange) -> Row:
    mark = "~" if call.taken or (call.old and call.new) else "+" if call.new else "-"
    known = call.new or call.old
    assert known is not None
    old, new = (money(c.usd) if c else "" for c in (call.old, call.new))
    return Row(mark, call.address, 1, known.endpoint, f"{old or '-'} → {new or '-'}", call.reason)
