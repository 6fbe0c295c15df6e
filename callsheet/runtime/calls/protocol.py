"""What the runtime needs from a provider that is paid for each instance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeGuard

from callsheet.dsl.graph import Instance
from callsheet.runtime.cancellation import Stop


@dataclass(frozen=True, slots=True)
class PaidResult:
    """The outputs of a paid instance. usd: what this run pays for it; 0 when it was bought before, None when
    nobody knows. warnings: what did not come as promised and is not used."""

    outputs: Mapping[str, object]
    reused: bool
    usd: float | None
    warnings: tuple[str, ...] = ()


class PaidProvider(Protocol):
    """Implemented by `callsheet.runtime.calls.buyer.Buyer`. limit: instances in progress at once."""

    name: str
    limit: int

    async def buy(
        self, instance: Instance, params: Mapping[str, object], key: str, stop: Stop
    ) -> PaidResult: ...


def is_paid(provider: object) -> TypeGuard[PaidProvider]:
    """Whether `provider` is paid for each instance; otherwise instances are made on this machine."""
    return hasattr(provider, "buy")
