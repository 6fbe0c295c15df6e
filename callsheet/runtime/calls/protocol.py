"""What the runtime asks of whoever buys paid instances."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from callsheet.dsl.graph import Instance
from callsheet.runtime.cancellation import Stop


@dataclass(frozen=True, slots=True)
class Bought:
    """What came of a paid instance. usd: what this run pays for it; 0 when it was bought before."""

    outputs: Mapping[str, object]
    reused: bool
    usd: float


class Buys(Protocol):
    """Implemented by `callsheet.runtime.calls.buyer.Buyer`. limit: instances under way at once."""

    name: str
    limit: int

    async def buy(self, instance: Instance, params: Mapping[str, object], key: str, stop: Stop) -> Bought: ...


def sells(provider: object) -> TypeGuard[Buys]:
    """Whether instances are bought from `provider`, and not made on this machine."""
    return hasattr(provider, "buy")
