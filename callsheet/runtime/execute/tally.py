"""What has come of a run so far."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from callsheet.errors import StoreError
from callsheet.runtime.events import NodeFailed, NodeGate


@dataclass(slots=True)
class Tally:
    """What has come of a run so far.

    total, planned and unpriced: how many instances there are, what they would cost in USD, and how many
    have no known price. results and keys: by address. spent: USD of each instance that was made just now.
    held: the gates that wait for a person, and waiting: how many instances are behind them. spare: how many
    were only for another way that was not taken, and ways: the number of the one that was. interrupted: it
    was asked to stop, and under_way: how many requests of this run it left at providers. broken: why it had
    to end early. stuck: jobs that would not stop.
    """

    total: int = 0
    planned: float = 0.0
    unpriced: int = 0
    results: dict[str, Mapping[str, object]] = field(default_factory=dict)
    keys: dict[str, str] = field(default_factory=dict)
    spent: dict[str, float] = field(default_factory=dict)
    failures: list[NodeFailed] = field(default_factory=list)
    reused: int = 0
    usd: float = 0.0
    blocked: int = 0
    held: list[NodeGate] = field(default_factory=list)
    waiting: int = 0
    spare: int = 0
    ways: dict[str, int] = field(default_factory=dict)
    stuck: int = 0
    interrupted: bool = False
    under_way: int = 0
    broken: StoreError | None = None
