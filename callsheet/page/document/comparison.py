"""Two runs or two revisions side by side."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Changed:
    """One difference between two runs or two revisions. what: added, removed, changed, affected or renamed.
    words: the places that differ: (parameter, old text, new text). old, new: media ids of the results before
    and after. usd: (old, new) of two runs; of two revisions what making it costs."""

    what: str
    address: str
    uses: str
    reason: str
    words: tuple[tuple[str, str, str], ...] = ()
    old: tuple[str, ...] = ()
    new: tuple[str, ...] = ()
    usd: tuple[float | None, float | None] = (None, None)
    instance: int | None = None

    def to_json(self) -> Json:
        """As JSON values."""
        found = kept(
            words=[list(word) for word in self.words], old=self.old, new=self.new, instance=self.instance
        )
        return {
            "what": self.what,
            "address": self.address,
            "uses": self.uses,
            "reason": self.reason,
            "usd": list(self.usd),
            **found,
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two runs or two revisions side by side. old, new: their names. kind: runs or revisions. same: how many
    instances are the same. usd: spent by each run; of revisions, the price of the whole film. seconds: length
    of the film, None where it is not known."""

    kind: str
    old: str
    new: str
    changes: tuple[Changed, ...]
    same: int
    usd: tuple[float, float]
    seconds: tuple[float | None, float | None] = (None, None)
    settings: tuple[str, ...] = ()

    def to_json(self) -> Json:
        """As JSON values."""
        return {
            "kind": self.kind,
            "old": self.old,
            "new": self.new,
            "changes": [change.to_json() for change in self.changes],
            "same": self.same,
            "usd": list(self.usd),
            "seconds": list(self.seconds),
            "settings": list(self.settings),
        }
