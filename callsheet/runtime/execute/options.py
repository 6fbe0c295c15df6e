"""How a run may buy, and what is settled before it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Terms:
    """How a run may buy. budget: USD at most, None for no limit. unpriced: calls without a known price are
    made under a budget, too. limit: instances under way at a provider at once. wait: for another run of the
    project to end, instead of refusing. record: what started the run, for `resume`. store: the folder or URL
    of a shared store. pay_again: buy what the lock names and the shared store should have, but has not."""

    budget: float | None = None
    unpriced: bool = False
    limit: int = 64
    wait: bool = False
    record: str = ""
    store: str = ""
    pay_again: bool = False
