"""The random seeds that callsheet added to requests: they are in the ledger."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from callsheet.errors import StoreError

if TYPE_CHECKING:
    from callsheet.runtime.workspace import Workspace


def drawn_in(workspace: Workspace, key: str) -> int | None:
    """The seed of the request that was bought under `key`, if the ledger has one."""
    try:
        ledger = workspace.ledger_reader()
        attempt = ledger.committed(key) if ledger else None
        seed = json.loads(attempt.body).get("seed") if attempt else None
    except (StoreError, ValueError, AttributeError):
        return None
    return seed if type(seed) is int else None
