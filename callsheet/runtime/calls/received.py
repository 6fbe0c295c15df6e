"""The folder in which results of a plug-in's paid nodes wait until they are in the store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from callsheet.runtime.ledger import LIVE, Ledger

RECEIVED: Final = "received"


async def sweep(folder: Path, ledger: Ledger) -> None:
    """Remove the results that are stored, or given up: those that no open request waits for.

    While a request is on its way its result has no request yet that names it, so nothing is removed then.
    """
    if not folder.is_dir():
        return
    live = await ledger.attempts(*LIVE)
    if any(attempt.state == "SENDING" for attempt in live):
        return
    waited_for = {attempt.request_id for attempt in live}
    for result in folder.iterdir():
        if result.name not in waited_for:
            shutil.rmtree(result, ignore_errors=True)
