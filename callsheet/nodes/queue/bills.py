"""Queues that can tell what was billed, and what is left to pay with; not every provider does."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol, runtime_checkable


class ListPriced(Protocol):
    """A price of a provider's list. usd: USD per unit."""

    @property
    def usd(self) -> float: ...


@runtime_checkable
class TellsBills(Protocol):
    """A queue that can tell what was billed."""

    name: str

    async def billed(self, request_ids: Sequence[str]) -> Mapping[str, float]:
        """USD billed per request; those that are not listed (yet) are left out. Ids that were not asked for
        do not count. Raises QueueError."""
        ...

    async def list_prices(self, endpoints: Sequence[str]) -> Mapping[str, ListPriced]:
        """The list price of each endpoint that has one. Raises QueueError."""
        ...


@runtime_checkable
class TellsBalance(Protocol):
    """A queue that can tell how much credit the account has left."""

    name: str

    async def balance(self) -> float | None:
        """USD; None where the provider does not say. Raises QueueError."""
        ...
