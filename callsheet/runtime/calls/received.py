"""The folder in which results of a plug-in's paid nodes wait until they are in the store."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Final

from callsheet.nodes.providers import PAID_NODES
from callsheet.runtime.ledger import LIVE, Attempt, Ledger

RECEIVED: Final = "received"


IN_DOUBT: Final = ("SENDING", "UNKNOWN")


async def sweep(folder: Path, ledger: Ledger) -> None:
    """Remove the results that are stored, or given up: those that no open request waits for.

    A result whose request is on its way or in doubt may have nothing that names it, and the folder may hold
    the only copy of it. So nothing is removed while there is such a request of a paid node without an id.
    """
    if not folder.is_dir():
        return
    results = list(folder.iterdir())  # before the ledger is asked: what comes later is of a later request
    live = await ledger.attempts(*LIVE)
    if any(_may_have_a_result(attempt) for attempt in live):
        return
    waited_for = {attempt.request_id for attempt in live}
    for result in results:
        if result.name not in waited_for:
            shutil.rmtree(result, ignore_errors=True)


def _may_have_a_result(attempt: Attempt) -> bool:
    return attempt.state in IN_DOUBT and not attempt.request_id and attempt.provider.endswith(PAID_NODES)
