"""How long things took in this project, to say how long they will take."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

from callsheet.runtime.plan.estimate import Durations
from callsheet.runtime.plan.history import Past
from callsheet.runtime.store.blobs import Store
from callsheet.runtime.store.cache import Cache


@contextlib.contextmanager
def durations(state: Path) -> Iterator[Durations]:
    """`uses` → the seconds that its newest results took, as ledger and cache in `state` have them."""
    with (
        contextlib.closing(Cache(Store(state))) as cache,
        contextlib.closing(Past(cache, state)) as past,
    ):
        yield past.durations
