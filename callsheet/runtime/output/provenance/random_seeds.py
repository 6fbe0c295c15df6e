"""Seeds that callsheet drew for calls which gave none: they are in the requests that the ledger keeps."""

from __future__ import annotations

import json
from pathlib import Path

from callsheet.errors import StoreError


def drawn_in(ledger: Path, key: str) -> int | None:
    """The seed of the request that was bought under `key`, if `ledger` has one."""
    from callsheet.runtime.ledger import LedgerReader

    if not ledger.exists():
        return None
    try:
        reader = LedgerReader(ledger)
    except StoreError:
        return None
    try:
        attempt = reader.committed(key)
        seed = json.loads(attempt.body).get("seed") if attempt else None
    except (StoreError, ValueError, AttributeError):
        return None
    finally:
        reader.close()
    return seed if type(seed) is int else None
