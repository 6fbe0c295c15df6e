"""Where the ledger of a project is: in its state folder, or on the server that the environment names."""

from __future__ import annotations

import os
from pathlib import Path

from callsheet.errors import InputError
from callsheet.runtime.ledger.books import Books
from callsheet.runtime.ledger.ledger_file import LedgerFile
from callsheet.runtime.ledger.server_mark import Mark
from callsheet.spec.project import LEDGER, LEDGER_VARIABLE


def books_of(state: Path, root: Path) -> Books:
    """The ledger of the project in the folder `root`, whose state is in `state`.

    Raises InputError for an address that is wrong or not safe, and where the project's ledger is on a server
    and none is named: a new ledger here would know of nothing that was paid for.
    """
    if url := os.environ.get(LEDGER_VARIABLE, ""):
        from callsheet.runtime.ledger.postgres.address import address_of

        address = address_of(url, root.resolve().name)
        from callsheet.runtime.ledger.postgres.server import LedgerServer

        return LedgerServer(address, state)
    if (mark := Mark.of(state)) is not None:
        raise InputError(
            f"the ledger of this project is {mark.shown}, and {LEDGER_VARIABLE} is not set",
            f"set {LEDGER_VARIABLE}: a new ledger here would buy again what that one knows",
        )
    return LedgerFile(state / LEDGER)


def on_server() -> bool:
    """Whether the environment names a server."""
    return bool(os.environ.get(LEDGER_VARIABLE, ""))
