"""`approve: true`: what a person has looked at, and what still waits for one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.dsl.graph import Instance
from callsheet.runtime import keys
from callsheet.runtime.events import Gate
from callsheet.runtime.lock import Lock


@dataclass(frozen=True, slots=True)
class Gates:
    """approved: address → what was approved there, as `keys.result` gives it. open: every gate is passed, as
    in a preview."""

    approved: Mapping[str, str] = field(default_factory=dict)
    open: bool = False

    def at(self, instance: Instance, outputs: Mapping[str, object] | None) -> Gate | None:
        """How the gate behind `instance` stands, with what came of it or None if nothing has yet; None where
        nothing has to wait.

        An approval is for one result: another one closes the gate again.
        """
        if not instance.is_gate:
            return None
        if self.open:
            return "open"
        said = self.approved.get(instance.address)
        if outputs is not None and said == keys.result(outputs):
            return None
        return "changed" if said and outputs is not None else "closed"

    def closed(self, instance: Instance, outputs: Mapping[str, object] | None) -> bool:
        """Whether what needs `instance` has to wait for a person."""
        return self.at(instance, outputs) in ("closed", "changed")


OPEN = Gates(open=True)


def gates_of(lock: Lock) -> Gates:
    """The gates as the decisions in `lock` leave them."""
    return Gates({address: block.approved for address, block in lock.instances.items() if block.approved})
