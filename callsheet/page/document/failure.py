"""What is in the way."""

from __future__ import annotations

from dataclasses import dataclass

from callsheet.page.document.fields import Json, kept


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that is in the way. instance: index, None for a matter of the whole run. kind: as in the
    event `node_failed`, or blocked, unknown, declined, missing. run: in which run, "" for none. settled: it
    is made by now. next: what to do."""

    kind: str
    message: str
    next: str = ""
    instance: int | None = None
    run: str = ""
    settled: bool = False

    def to_json(self) -> Json:
        """As JSON values."""
        found = kept(
            kind=self.kind,
            message=self.message,
            next=self.next,
            run=self.run,
            settled=self.settled or None,
        )
        return {**found, "instance": self.instance}
