"""Counts and results of a run so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.errors import StoreError
from callsheet.runtime.events import NodeFailed, NodeGate


@dataclass(slots=True)
class Tally:
    """Counts and results of a run so far.

    total: instances. usd: what was spent, and unknown: how many calls of unknown price are not in it.
    planned: what they would cost in USD. unpriced: how many have no known price. results and keys: by
    address. spent: address → USD, of those that were made now. held: approvals that are missing, and waiting:
    how many instances depend on them. spare: instances that only an untried alternative needs. ways: address
    → number of the alternative that made it. interrupted: a stop was requested. under_way: requests of this
    run that are in progress at providers. broken: the disk failed. stuck: jobs that did not stop. attention:
    bills that are far from what was expected. notes: what an engine tells.
    """

    total: int = 0
    planned: float = 0.0
    unpriced: int = 0
    results: dict[str, Mapping[str, object]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    spent: dict[str, float | None] = field(default_factory=dict)
    failures: list[NodeFailed] = field(default_factory=list)
    reused: int = 0
    usd: float = 0.0
    unknown: int = 0
    blocked: int = 0
    held: list[NodeGate] = field(default_factory=list)
    waiting: int = 0
    spare: int = 0
    ways: dict[str, int] = field(default_factory=dict)
    stuck: int = 0
    interrupted: bool = False
    under_way: int = 0
    broken: StoreError | None = None
    attention: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def paid(self, usd: float | None) -> None:
        """Count what an instance cost; None when nobody knows."""
        self.usd += usd or 0.0
        self.unknown += usd is None

    def billed(self, address: str, key: str, usd: float) -> None:
        """What was billed for a result of this run counts instead of what was expected."""
        if address not in self.spent or self.keys.get(address) != key:
            return
        before = self.spent[address]
        self.usd += usd - (before or 0.0)
        self.unknown -= before is None
        self.spent[address] = usd
