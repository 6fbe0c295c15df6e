"""`approve: true`: which results a person has approved."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from callsheet.dsl.graph import Instance
from callsheet.runtime import keys
from callsheet.runtime.events import Gate
from callsheet.runtime.lock import Block


@dataclass(frozen=True, slots=True)
class Gates:
    """The approvals of a pipeline. approved: address → digests of the approved results, see `keys.result`.
    open: nothing has to be approved, as in a preview."""

    approved: Mapping[str, Collection[str]] = field(default_factory=dict)
    open: bool = False

    def at(self, instance: Instance, outputs: Mapping[str, object] | None) -> Gate | None:
        """The state of the approval of `instance`; None if nothing has to be approved. outputs: its result,
        None if it is not made.

        An approval is for one result: after another result it is missing again.
        """
        if not instance.is_gate:
            return None
        if self.open:
            return "open"
        said = self.approved.get(instance.address, ())
        if outputs is not None and keys.result(outputs) in said:
            return None
        return "changed" if said and outputs is not None else "closed"

    def closed(self, instance: Instance, outputs: Mapping[str, object] | None) -> bool:
        """Whether later nodes have to wait for an approval of `instance`."""
        return self.at(instance, outputs) in ("closed", "changed")


OPEN = Gates(open=True)


def gates_of(blocks: Mapping[str, Block]) -> Gates:
    """The approvals in a lock file: address → what is said of it."""
    return Gates({address: block.approved for address, block in blocks.items() if block.approved})
