"""The differences between two states of a film, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Literal

from callsheet.runtime.diff.text_diff import Difference, readable
from callsheet.runtime.plan.too_short import TooShort
from callsheet.spec.json_documents import ChangeJson, ChangesJson, DifferenceJson, PaidSidesJson

What = Literal["added", "removed", "changed", "affected", "renamed"]


@dataclass(frozen=True, slots=True)
class Paid:
    """A result that is paid already, as a lock file says. usd: what it cost, None where nobody knows. before:
    the old state's lock files name it, too."""

    usd: float | None
    before: bool = False


@dataclass(frozen=True, slots=True)
class Change:
    """One instance that differs.

    what: *changed* when its own request differs, *affected* when only something that it needs differs,
    *renamed* when only its address differs. before: its old address, if that differs. sure: it is certainly
    made again; otherwise only if what it needs comes out differently. usd: what making it costs, 0 for local
    work, for what is not made and for what is paid already, None when no price is known. reason: in words.
    paid: its result, where a lock file names it.
    """

    what: What
    address: str
    node: str
    uses: str
    usd: float | None = 0.0
    sure: bool = True
    before: str = ""
    reason: str = ""
    differences: tuple[Difference, ...] = ()
    paid: Paid | None = None

    def to_json(self) -> ChangeJson:
        data: ChangeJson = {
            "what": self.what,
            "address": self.address,
            "uses": self.uses,
            "usd": self.usd,
            "sure": self.sure,
            "reason": self.reason,
            "differences": [_difference_json(d) for d in self.differences],
        }
        if self.before:
            data["before"] = self.before
        if self.paid:
            data["paid"] = {"usd": self.paid.usd, "before": self.paid.before}
        return data


@dataclass(frozen=True, slots=True)
class Pictured:
    """A strip of frames of one changed shot. file: its name. before, after: seconds of the shot, None for
    what is no video, or is not there."""

    address: str
    file: str
    before: float | None = None
    after: float | None = None


@dataclass(frozen=True, slots=True)
class AxisChange:
    """An axis: keys that were added and removed, and the new order of the others if that changed."""

    name: str
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    order: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class NodeChanges:
    """Nodes of the file. renamed: old name → new name."""

    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    renamed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Changes:
    """Everything that differs.

    settings: differences that change no request (`budget: 10 → 20`). usd: what making the differences costs,
    at least and at most. unpriced: how many of these calls have no known price. prices: what is bought →
    (origin of its price, its day, "" for unknown). film_usd, seconds: of the whole film, before and after;
    None where not known. moved_from: the old path of the file, "" where it did not move. too_short: shots of
    which the cut shows more than there is, and more than before. pictures: strips that were drawn.
    """

    pipeline: str
    old: str
    new: str
    instances: tuple[Change, ...] = ()
    axes: tuple[AxisChange, ...] = ()
    nodes: NodeChanges = NodeChanges()
    settings: tuple[str, ...] = ()
    usd: tuple[float, float] = (0.0, 0.0)
    unpriced: int = 0
    prices: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    film_usd: tuple[float, float] = (0.0, 0.0)
    seconds: tuple[float | None, float | None] = (None, None)
    moved_from: str = ""
    too_short: tuple[TooShort, ...] = ()
    pictures: tuple[Pictured, ...] = ()

    @property
    def any(self) -> bool:
        """Whether anything differs."""
        return bool(self.instances or self.axes or self.settings)

    def count(self, what: What) -> int:
        return sum(change.what == what for change in self.instances)

    def paid(self, before: bool = False) -> float | None:
        """USD that lock files say were paid for what differs: between the two states, or `before` both of
        them. 0 where something was paid and nobody knows how much; None where nothing was."""
        found = [c.paid for c in self.instances if c.paid and c.paid.before == before]
        return round(sum(paid.usd or 0.0 for paid in found), 6) if found else None

    @property
    def seconds_added(self) -> float | None:
        """The new length of the film minus the old one, in seconds; None when one of them is not known."""
        before, after = self.seconds
        return None if before is None or after is None else after - before

    def _paid_json(self) -> PaidSidesJson:
        found: PaidSidesJson = {}
        if (branch := self.paid()) is not None:
            found["branch"] = branch
        if (before := self.paid(before=True)) is not None:
            found["before"] = before
        return found

    def to_json(self) -> ChangesJson:
        """Everything as JSON values; money in USD, lengths in seconds, null for what is not known."""
        low, high = self.usd
        data: ChangesJson = {
            "version": 1,
            "pipeline": self.pipeline,
            "old": self.old,
            "new": self.new,
            "nodes": {
                "added": list(self.nodes.added),
                "removed": list(self.nodes.removed),
                "renamed": dict(self.nodes.renamed),
            },
            "axes": [
                {"name": a.name, "added": [*a.added], "removed": [*a.removed], "order": [*a.order]}
                for a in self.axes
            ],
            "settings": list(self.settings),
            "instances": [change.to_json() for change in self.instances],
            "usd": {"low": low, "high": None if self.unpriced else high, "unpriced": self.unpriced},
            "prices": {uses: {"origin": o, "date": d or None} for uses, (o, d) in self.prices.items()},
            "film": {
                "usd": {"old": self.film_usd[0], "new": self.film_usd[1]},
                "seconds": {"old": self.seconds[0], "new": self.seconds[1]},
            },
        }
        if self.moved_from:
            data["moved_from"] = self.moved_from
        if paid := self._paid_json():
            data["paid"] = paid
        if self.pictures:
            data["pictures"] = [asdict(one) for one in self.pictures]
        if self.too_short:
            data["too_short"] = [shot.to_json() for shot in self.too_short]
        return data


def _difference_json(difference: Difference) -> DifferenceJson:
    data: DifferenceJson = {
        "parameter": difference.place,
        "old": readable(difference.old),
        "new": readable(difference.new),
        "reason": difference.reason,
    }
    if difference.words:
        data["words"] = [list(part) for part in difference.words]
    return data
