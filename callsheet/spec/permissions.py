"""What the person who runs a command allows, beyond what every pipeline may do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final, Literal

MAX_INSTANCES: Final = 200_000
StoreTrust = Literal["team", "own"]
Fetch = Literal["none", "pinned", "any"]


@dataclass(frozen=True, slots=True)
class Permissions:
    """trust: code files that the pipeline names may run. max_instances: how many a pipeline may have. fetch:
    the recipes in git that may be fetched when they are not on this machine: none, those that the lock file
    pins, or any. secrets: the environment variables that may be sent. endpoints: those of unknown owners that
    may be asked. prices: the endpoints whose own price counts, though it is less than is known. store: who is
    believed about results in a shared store: the team that may write into it, or only the own lock file.
    store_place: the folder or URL of the shared store that the person named, "" for none.
    from_lock: the models of an archive count; nothing is bought.
    """

    trust: bool = False
    max_instances: int = MAX_INSTANCES
    fetch: Fetch = "none"
    secrets: frozenset[str] = frozenset()
    endpoints: frozenset[str] = frozenset()
    prices: frozenset[str] = frozenset()
    store: StoreTrust = "team"
    store_place: str = ""
    from_lock: bool = False


PERMISSIONS: Final[ContextVar[Permissions]] = ContextVar("permissions", default=Permissions())  # noqa: B039, it is frozen
"""Those of the command that runs."""


@contextmanager
def granting(
    secrets: Iterable[str] = (), endpoints: Iterable[str] = (), prices: Iterable[str] = ()
) -> Iterator[None]:
    """Grant more for a while; the names are those of `Permissions`."""
    now = PERMISSIONS.get()
    more = replace(
        now,
        secrets=now.secrets.union(secrets),
        endpoints=now.endpoints.union(endpoints),
        prices=now.prices.union(prices),
    )
    token = PERMISSIONS.set(more)
    try:
        yield
    finally:
        PERMISSIONS.reset(token)
